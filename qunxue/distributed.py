"""One part of a distributed installation a process: `qunxue serve …`, `qunxue work …`."""

import asyncio
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext

from starlette.types import ASGIApp

from chassis.service import RunningService
from chassis.settings import Settings
from chassis.web.app import create_app
from chassis.web.ops import ops_app
from chassis.worker import Worker
from gateway.routing import GATEWAY
from qunxue.installation import sharing
from qunxue.installed import service
from qunxue.server import Server, check_free, server
from qunxue.stopping import stop_on_signals


class NotConfigured(RuntimeError):
    """A setting that a distributed installation needs is missing."""


async def serve(name: str, settings: Settings) -> None:
    """Serve one service's API, or the gateway, until SIGTERM or SIGINT. Raises `CannotListen`."""
    check_free(settings.host, settings.port)
    with beside(settings, [name]):
        await _serve(name, settings)


def beside(settings: Settings, names: Sequence[str]) -> AbstractContextManager[None]:
    """Where these services write files of a data directory, share it. Raises `InUse` when `qunxue up` owns it."""
    files = settings.mode == "embedded" and any(
        settings.database_url(name).startswith("sqlite") for name in names if name != GATEWAY
    )
    return sharing(settings.data_dir) if files else nullcontext()


async def _serve(name: str, settings: Settings) -> None:
    stop = asyncio.Event()
    stop_on_signals(stop)
    app: ASGIApp
    if name == GATEWAY:
        # Its client of HTTP takes a while to load, and a service does without.
        from gateway.app import create_gateway
        from gateway.ops import create_ops_app

        gateway = create_gateway(settings, apps=None)
        app, ops = gateway, create_ops_app(gateway.runtime)
    else:
        runtime = RunningService(service(name), settings)
        app, ops = create_app(runtime), ops_app([runtime])
    await _until(stop, [server(app, host=settings.host, port=settings.port), *_ops(settings, ops)])


async def work(names: Sequence[str], settings: Settings) -> None:
    """Run the workers of the named services until SIGTERM or SIGINT."""
    if settings.kafka_bootstrap is None:
        raise NotConfigured("QUNXUE_KAFKA_BOOTSTRAP must be set: workers exchange messages over Kafka")
    with beside(settings, names):
        await _work(names, settings)


async def _work(names: Sequence[str], settings: Settings) -> None:
    stop = asyncio.Event()
    stop_on_signals(stop)
    # The library takes a while to load, and who serves does without.
    from chassis.messaging.kafka import KafkaLog, KafkaOptions

    log = KafkaLog(KafkaOptions.of(settings))
    runtimes = [RunningService(service(name), settings) for name in names]
    workers = [Worker(runtime, log, outside=log) for runtime in runtimes]
    try:
        async with asyncio.TaskGroup() as tasks:
            for worker in workers:
                tasks.create_task(worker.run(stop))
            for ops in _ops(settings, ops_app(runtimes, [worker.turns for worker in workers])):
                tasks.create_task(ops.until(stop))
    finally:
        await log.close()
        for runtime in runtimes:
            await runtime.close()


def _ops(settings: Settings, app: ASGIApp) -> list[Server]:
    """Readiness, metrics and status of this process on a port of their own, where one is set."""
    if settings.ops_port is None:
        return []
    return [server(app, host=settings.ops_host, port=settings.ops_port, lifespan=False)]


async def _until(stop: asyncio.Event, servers: Sequence[Server]) -> None:
    async with asyncio.TaskGroup() as tasks:
        for one in servers:
            tasks.create_task(one.until(stop))
