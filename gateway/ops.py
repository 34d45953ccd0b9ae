"""The state of the gateway and the services: health for everybody, figures for operators."""

import asyncio
from typing import Annotated, Any, Literal

import httpx
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from chassis.metrics import metrics_text
from chassis.problems import Problem
from chassis.settings import SERVICES
from chassis.web.dependencies import CallerDep
from chassis.web.named import Closed
from chassis.web.operations import api_router, operation
from chassis.web.ops import OPS_READ, ServiceStatus, liveness
from chassis.web.schemas import ResponseModel
from gateway.parts import Asking, content
from gateway.runtime import GatewayRuntime

BreakerState = Literal["closed", "open", "half_open"]

router = api_router(tags=["Operations"])

ASK_SECONDS = 3.0


class BehindGateway(ResponseModel):
    """A service as the gateway sees it. `figures` is null if the service did not give any."""

    service: str
    reachable: bool
    ready: bool
    breaker: Annotated[str, Closed("BreakerState", BreakerState)]
    in_flight: int
    figures: ServiceStatus | None = None


class ToldOutside(ResponseModel):
    """What waits to be sent from this process to Kafka, for other systems of the company: 100,000 messages are counted at most."""

    waiting: int
    oldest_seconds: float


class Status(ResponseModel):
    """The installation at a glance. `kafka` is null unless one process does everything and sends its messages there."""

    status: Annotated[str, Closed("InstallationStatus", Literal["ok", "degraded"])]
    revocations_stale: bool
    services: list[BehindGateway]
    missing: list[str]
    kafka: ToldOutside | None = None


@router.get("/status")
@operation(permission=OPS_READ)
async def read_status(caller: CallerDep, request: Request) -> Status:
    """Read the state of every service: readiness, relay backlog, how far it follows the others, dead letters."""
    runtime: GatewayRuntime = request.app.state.runtime
    asking = Asking.of(request)

    async def ask(service: str) -> Any:
        return content(await runtime.parts.get(asking, service, "/internal/status"))

    return await _status(runtime, ask)


@router.get("/metrics")
@operation(permission=OPS_READ, media_types=[CONTENT_TYPE_LATEST])
async def read_metrics(caller: CallerDep) -> Response:
    """Read this process's metrics in the text format of Prometheus."""
    return Response(metrics_text(), media_type=CONTENT_TYPE_LATEST)


def create_ops_app(runtime: GatewayRuntime) -> Starlette:
    """The application of the gateway's ops port: it asks for no token, so the port must be nobody's but the operators'."""

    async def ask(service: str) -> Any:
        try:
            async with asyncio.timeout(ASK_SECONDS):
                response = await runtime.peers.call(service, "GET", "/internal/status")
        except (httpx.HTTPError, OSError, LookupError, TimeoutError, Problem):
            return None
        return response.json() if response.status_code == 200 else None

    async def status(_request: Request) -> Response:
        return JSONResponse((await _status(runtime, ask)).model_dump(mode="json"))

    async def metrics(_request: Request) -> Response:
        return Response(metrics_text(), media_type=CONTENT_TYPE_LATEST)

    routes = [Route("/livez", livez), Route("/readyz", readyz), Route("/metrics", metrics), Route("/status", status)]
    app = Starlette(routes=routes)
    app.state.runtime = runtime
    return app


async def livez(request: Request) -> Response:
    """The gateway itself has no loop that could hang; in one process with the workers it answers for theirs."""
    return liveness(request.app.state.runtime.turns)


async def readyz(_request: Request) -> Response:
    """The gateway has nothing to wait for: it is ready when it answers, whatever is behind it."""
    return JSONResponse({"status": "ok"})


async def _status(runtime: GatewayRuntime, ask: Any) -> Status:
    services = await asyncio.gather(*(_behind(runtime, service, ask) for service in SERVICES))
    holes = any(topic.hole for one in services if one.figures for topic in one.figures.follows)
    whole = all(one.ready for one in services) and not holes and not runtime.revocations.stale
    return Status(
        status="ok" if whole else "degraded",
        revocations_stale=runtime.revocations.stale,
        services=list(services),
        missing=[one.service for one in services if not one.reachable],
        kafka=_told_outside(runtime),
    )


def _told_outside(runtime: GatewayRuntime) -> ToldOutside | None:
    if runtime.bridge is None:
        return None
    waiting = runtime.bridge.waiting
    return ToldOutside(waiting=waiting.count, oldest_seconds=round(waiting.oldest_seconds, 3))


async def _behind(runtime: GatewayRuntime, service: str, ask: Any) -> BehindGateway:
    guard = runtime.guards[service]
    asking = Asking([], "unknown", "status-" + service)
    ready, figures = await asyncio.gather(runtime.parts.get(asking, service, "/readyz"), ask(service))
    return BehindGateway(
        service=service,
        reachable=ready is not None,
        ready=ready is not None and ready.status == 200,
        breaker=guard.state,
        in_flight=guard.in_flight,
        figures=figures,
    )
