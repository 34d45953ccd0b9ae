"""Everything in one process: five services, their workers, the local log and the gateway. `qunxue up`."""

import asyncio
from collections.abc import Sequence

from rich.console import Console
from starlette.types import ASGIApp

from chassis.job_running import let_go_of_all
from chassis.messaging.bridge import Bridge, give_up
from chassis.messaging.envelope import is_restricted
from chassis.messaging.local_log import LocalLog
from chassis.messaging.log import Log
from chassis.settings import Settings
from chassis.turns import Turns
from chassis.web.app import create_app
from chassis.worker import Worker
from gateway.app import create_gateway
from gateway.ops import create_ops_app
from qunxue.control import SOCKET, control_app
from qunxue.installation import LOG_FILE, Installation, opened, owning, prepare
from qunxue.server import check_free, server
from qunxue.stopping import stop_on_signals


async def run_embedded(settings: Settings, console: Console) -> None:
    """Run until SIGTERM or SIGINT. Raises `InUse` when the data directory has an owner, `CannotListen`, `SettingsInvalid`."""
    with owning(settings.data_dir):
        check_free(settings.host, settings.port)
        if settings.ops_port is not None:
            check_free(settings.ops_host, settings.ops_port)
        async with opened(settings) as installation:
            notes = await prepare(installation)
            for runtime in installation.runtimes.values():
                # The directory is ours alone: whatever ran a job before was killed, and its lease is good for nobody.
                await let_go_of_all(runtime)
            await _serve(installation, console, notes)


async def _serve(installation: Installation, console: Console, notes: Sequence[str]) -> None:
    settings = installation.settings
    stop, stop_workers, stop_bridge = asyncio.Event(), asyncio.Event(), asyncio.Event()
    stop_on_signals(stop)
    apps: dict[str, ASGIApp] = {name: create_app(runtime) for name, runtime in installation.runtimes.items()}
    for runtime in installation.runtimes.values():
        runtime.peers.apps = apps
    log = LocalLog(settings.data_dir / LOG_FILE)
    outside = _outside(settings)
    workers = {name: Worker(runtime, log, outside=outside) for name, runtime in installation.runtimes.items()}
    bridge = None if outside is None else Bridge(log, outside, _open_topics(installation))
    bridge_turns = Turns()
    turns = [*(worker.turns for worker in workers.values()), bridge_turns]
    gateway = create_gateway(settings, apps=apps, turns=turns, bridge=bridge)
    front = server(gateway, host=settings.host, port=settings.port)
    for runtime in installation.runtimes.values():
        # One issuer, one set of keys: a signature that was good for the gateway is good here.
        runtime.verifier.remembered = gateway.runtime.verifier.remembered
    socket = settings.data_dir / SOCKET
    socket.unlink(missing_ok=True)
    control = server(control_app(installation), uds=socket, lifespan=False)
    working = [asyncio.create_task(worker.run(stop_workers), name=f"worker-{name}") for name, worker in workers.items()]
    bridging = asyncio.create_task(_bridge(bridge, log, bridge_turns, stop_bridge), name="bridge")
    servers = [front, control]
    if settings.ops_port is not None:
        ops = create_ops_app(gateway.runtime)
        servers.append(server(ops, host=settings.ops_host, port=settings.ops_port, lifespan=False))
    serving = [asyncio.create_task(one.until(stop)) for one in servers]
    try:
        while not front.started and not stop.is_set():
            await asyncio.sleep(0.01)
        if front.started:
            socket.chmod(0o600)
            _announce(console, settings, notes)
        # A worker never ends by itself: if one does, something is wrong that a restart may mend.
        await asyncio.wait([*serving, *working], return_when=asyncio.FIRST_COMPLETED)
        stop.set()
        await asyncio.gather(*serving)
    finally:
        stop.set()
        # Workers last: what the last requests wrote is published before the process ends.
        stop_workers.set()
        await asyncio.gather(*working, return_exceptions=True)
        stop_bridge.set()
        await asyncio.gather(bridging, return_exceptions=True)
        await log.close()
        socket.unlink(missing_ok=True)


def _outside(settings: Settings) -> Log | None:
    """The company's Kafka, where it is set."""
    if settings.kafka_bootstrap is None:
        return None
    from chassis.messaging.kafka import KafkaLog, KafkaOptions  # the library takes a while to load, and most do without

    return KafkaLog(KafkaOptions.of(settings))


def _open_topics(installation: Installation) -> list[str]:
    """What other systems may be let read."""
    published = [topic for runtime in installation.runtimes.values() for topic in runtime.service.publishes]
    return sorted(topic for topic in published if not is_restricted(topic))


async def _bridge(bridge: Bridge | None, log: LocalLog, turns: Turns, stop: asyncio.Event) -> None:
    if bridge is None:
        await give_up(log)
        return
    with turns.loop("bridge"):
        await bridge.run(stop)


def _announce(console: Console, settings: Settings, notes: Sequence[str]) -> None:
    address = f"http://{settings.host}:{settings.port}"
    console.print(f"\n[bold green]Qunxue 群学[/] is running at [bold]{address}[/]", soft_wrap=True)
    console.print(f"  API documents   {address}/docs", soft_wrap=True)
    console.print(f"  data directory  {settings.data_dir.absolute()}", soft_wrap=True)
    if settings.kafka_bootstrap is not None:
        console.print(f"  Kafka           {settings.kafka_bootstrap}", soft_wrap=True)
    if settings.ops_port is not None:
        console.print(f"  figures         http://{settings.ops_host}:{settings.ops_port}/status", soft_wrap=True)
    for note in notes or [f"log in as before; a lost password: qunxue admin reset-password {settings.admin_email}"]:
        console.print(f"  {note}", highlight=False, soft_wrap=True)
    console.print("  stop with Ctrl-C\n", soft_wrap=True)
