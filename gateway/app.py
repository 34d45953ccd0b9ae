"""The gateway as an ASGI application."""

import asyncio
import contextlib
from collections.abc import Mapping, Sequence

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from chassis.clock import Clock, system_clock
from chassis.messaging.bridge import Bridge
from chassis.peers import Peers
from chassis.secrets import installation_secret
from chassis.settings import Settings
from chassis.turns import Turns
from chassis.web.app import answer_with_problems
from chassis.web.describing import describe
from chassis.web.telemetry import close as close_telemetry
from chassis.web.telemetry import telemetry, tracer_provider
from gateway import desk, documents, home, ops, trail
from gateway.cors import Origins
from gateway.headers import Proxies
from gateway.limits import Limits
from gateway.live import routes as live
from gateway.proxy import DEADLINE_SECONDS, Proxy
from gateway.routing import GATEWAY
from gateway.runtime import GatewayRuntime
from gateway.tracing import Traced
from gateway.upstream import InProcess, upstream_for


class Gateway:
    """Every request to the installation comes through here.

    Its lifespan starts the polling of revocations and closes connections. The applications it is given belong to whoever made
    them, their lifespan too.
    """

    def __init__(self, runtime: GatewayRuntime, apps: Mapping[str, ASGIApp] | None, *, deadline_seconds: float) -> None:
        settings = runtime.settings
        self.runtime = runtime
        self.own = own_app(runtime, apps)
        behind = dict.fromkeys(runtime.guards, runtime.upstream)
        behind[GATEWAY] = InProcess({GATEWAY: self.own})
        self.proxy = Proxy(
            upstreams=behind,
            guards=runtime.guards,
            verifier=runtime.verifier,
            revocations=runtime.revocations,
            limits=Limits(settings),
            proxies=Proxies(settings.trusted_proxies),
            origins=Origins(settings.allowed_origins),
            streams=runtime.streams,
            tickets=runtime.tickets,
            deadline_seconds=deadline_seconds,
        )
        provider = tracer_provider(settings, GATEWAY)
        self._front: ASGIApp = self.proxy if provider is None else Traced(self.proxy, provider.get_tracer("qunxue"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] == "http":
            await self._front(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        else:
            # No service speaks WebSocket.
            await send({"type": "websocket.close", "code": 1008})

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        self.runtime.revocations.start()
        await send({"type": "lifespan.startup.complete"})
        try:
            await receive()
        finally:
            with contextlib.suppress(asyncio.CancelledError):
                await self.runtime.close()
                await close_telemetry()
        await send({"type": "lifespan.shutdown.complete"})


def create_gateway(
    settings: Settings,
    *,
    apps: Mapping[str, ASGIApp] | None,
    clock: Clock = system_clock,
    deadline_seconds: float = DEADLINE_SECONDS,
    turns: Sequence[Turns] = (),
    bridge: Bridge | None = None,
) -> Gateway:
    """The gateway before the given applications in this process; with None before the services at `QUNXUE_<SERVICE>_URL`.

    `turns` are of the workers in this process, `bridge` is what sends its messages to Kafka.
    """
    peers = Peers(GATEWAY, settings, installation_secret(settings), clock)
    peers.apps = apps or {}
    runtime = GatewayRuntime(settings, upstream_for(settings, apps), peers, clock, turns, bridge)
    return Gateway(runtime, apps, deadline_seconds=deadline_seconds)


def own_app(runtime: GatewayRuntime, apps: Mapping[str, ASGIApp] | None) -> FastAPI:
    """The gateway's own operations, which the proxy passes requests to as to a service in this process."""
    app = FastAPI(
        title="Qunxue gateway",
        version="1",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        telemetry=telemetry(runtime.settings, GATEWAY),
    )
    app.state.runtime = runtime
    app.state.documents = documents.Documents(app, runtime.parts, apps)
    answer_with_problems(app)
    routers = (home.router, desk.router, live.router, trail.router, ops.router, documents.router)
    app.router.routes.extend(route for router in routers for route in router.routes)
    app.add_route("/livez", ops.livez, include_in_schema=False)
    app.add_route("/readyz", ops.readyz, include_in_schema=False)
    app.openapi = lambda: describe(app, app.routes)  # type: ignore[method-assign]
    return app
