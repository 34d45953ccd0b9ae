"""The world of the matrix at the gateway: that of membership, with the gateway before it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from chassis.security.tokens import public_jwk
from chassis.settings import Settings
from gateway.app import Gateway, create_gateway
from tests.system.security import cast_membership
from tests.system.security.cast_membership import SECRET, membership_world
from tests.system.security.frozen import Frozen
from tests.system.security.matrix import Player


@dataclass
class World:
    """Membership's world, reached through the gateway."""

    membership: cast_membership.World
    gateway: Gateway

    @property
    def frozen(self) -> Frozen:
        return self.membership.frozen

    @property
    def home(self) -> str:
        return str(self.membership.home.id)

    def player(self, column: str, permission: str) -> Player:
        """The caller of a column, before the gateway."""
        player = self.membership.player(column, permission)
        transport = httpx.ASGITransport(self.gateway, client=("203.0.113.9", 4321))
        client = httpx.AsyncClient(transport=transport, base_url="http://gateway", headers=player.client.headers)
        return replace(player, client=client)


@asynccontextmanager
async def gateway_world(folder: Path) -> AsyncIterator[World]:
    """The gateway before membership; it has been told who is suspended."""
    async with membership_world(folder) as membership:
        settings = Settings(data_dir=folder, secret_key=SecretStr(SECRET), mode="embedded")
        gateway = create_gateway(settings, apps={"membership": _answering_the_gateway(membership)})
        await gateway.runtime.revocations.refresh()
        yield World(membership, gateway)
        await gateway.runtime.close()


def _answering_the_gateway(world: cast_membership.World) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
    """Membership, whose keys are the harness's, and which lets the gateway itself in."""
    issuer = world.harness.issuer
    suspended = {"kind": "person", "id": str(world.players["suspended"].person_id), "at": datetime.now(UTC).isoformat()}
    answers: dict[str, Any] = {
        "/.well-known/jwks.json": {"keys": [public_jwk(issuer.key_id, issuer.key.public_key())]},
        "/v1/tokens": {"access_token": "the gateway's own", "expires_in": 900},
        "/v1/revocations": {"items": [suspended], "next": datetime.now(UTC).isoformat()},
    }

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        answer = answers.get(scope["path"])
        await (world.harness.app if answer is None else JSONResponse(answer))(scope, receive, send)

    return app
