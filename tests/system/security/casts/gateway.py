"""Who calls the gateway: everybody of membership, with the gateway before it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import httpx
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from chassis.security.tokens import public_jwk
from chassis.settings import Settings
from gateway.app import Gateway, create_gateway
from tests.support.answers import at_the_gateway
from tests.support.streaming import brief
from tests.system.security.world import Player, World


@dataclass
class Fronted(World):
    """Membership's world, reached through the gateway."""

    gateway: Gateway = field(init=False)

    def player(self, column: str, permission: str) -> Player:
        """The caller of a column, before the gateway."""
        player = super().player(column, permission)
        transport = httpx.ASGITransport(brief(self.gateway), client=("203.0.113.9", 4321))
        client = httpx.AsyncClient(
            transport=transport,
            base_url="http://gateway",
            headers=player.client.headers,
            event_hooks={"response": [at_the_gateway().hold]},
        )
        return replace(player, client=client)


@asynccontextmanager
async def before(membership: World, settings: Settings) -> AsyncIterator[Fronted]:
    """The gateway before membership; it has been told who is suspended."""
    world = Fronted(membership.harness, membership.grounds, membership.players, membership.things)
    world.twin, world.frozen = membership.twin, membership.frozen
    world.gateway = create_gateway(settings, apps={"membership": _answering_the_gateway(membership)})
    await world.gateway.runtime.revocations.refresh()
    yield world
    await world.gateway.runtime.close()


def _answering_the_gateway(world: World) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
    """Membership, whose keys are the harness's, and which lets the gateway itself in."""
    issuer = world.harness.issuer
    suspended = {"kind": "person", "id": str(world.players["suspended"].person_id), "at": datetime.now(UTC).isoformat()}
    answers: dict[str, Any] = {
        "/.well-known/jwks.json": {"keys": [public_jwk(issuer.key_id, issuer.key.public_key())]},
        "/v1/tokens": {"access_token": "the gateway's own", "expires_in": 900},
        "/internal/stream-tickets": {"ticket": "qxs_" + "t" * 43, "expires_in": 30},
        "/v1/revocations": {"items": [suspended], "next": datetime.now(UTC).isoformat()},
    }

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        answer = answers.get(scope["path"])
        await (world.harness.app if answer is None else JSONResponse(answer))(scope, receive, send)

    return app
