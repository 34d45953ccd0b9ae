"""Stand-ins for the services behind the gateway: they write down what reaches them and answer what a test wants."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import uvicorn
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from starlette.types import ASGIApp, Receive, Scope, Send

from chassis.ids import new_id
from chassis.security.caller import Caller
from chassis.security.tokens import TokenIssuer, public_jwk
from qunxue.server import Http
from tests.support.ports import free_port
from tests.support.waiting import eventually

KEY_ID = "stand-in"
_key = Ed25519PrivateKey.generate()


@dataclass
class Seen:
    """One request as it reached a service."""

    method: str
    path: str
    raw_path: bytes
    query: bytes
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        values = [value for key, value in self.headers if key == name]
        assert len(values) <= 1, f"{name} came {len(values)} times"
        return values[0] if values else None


Answer = tuple[int, dict[str, str], bytes]


class StandIn:
    """A service that records. `answers` maps a path to what it answers, or to a function of the request that says it."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.answers: dict[str, Any] = {}
        self.started: list[str] = []
        self.cancelled: list[str] = []
        self.behaves: Callable[[Scope, Receive, Send], Any] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        self.started.append(scope["path"])
        try:
            if self.behaves is not None:
                await self.behaves(scope, receive, send)
            else:
                await self._record(scope, receive, send)
        except asyncio.CancelledError:
            self.cancelled.append(scope["path"])
            raise

    async def _record(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = b""
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            more = message.get("more_body", False)
        seen = Seen(
            scope["method"],
            scope["path"],
            scope["raw_path"],
            scope["query_string"],
            [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]],
            body,
        )
        self.seen.append(seen)
        status, headers, content = self._answer(seen)
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        raw.append((b"content-length", str(len(content)).encode()))
        await send({"type": "http.response.start", "status": status, "headers": raw})
        await send({"type": "http.response.body", "body": content})

    def _answer(self, seen: Seen) -> Answer:
        answer = self.answers.get(seen.path, {"path": seen.path})
        if callable(answer):
            answer = answer(seen)
        if isinstance(answer, tuple):
            return answer
        return 200, {"content-type": "application/json"}, json.dumps(answer, default=str).encode()


@dataclass
class MembershipStandIn(StandIn):
    """The part of membership that the gateway itself asks."""

    revoked: list[dict[str, Any]] = field(default_factory=list)
    unreachable: bool = False

    def __post_init__(self) -> None:
        super().__init__()
        self.answers = {
            "/.well-known/jwks.json": lambda _: {"keys": [public_jwk(KEY_ID, _key.public_key())]},
            "/v1/tokens": lambda _: {"access_token": token(service("internal")), "expires_in": 900},
            "/v1/revocations": self._revocations,
        }

    def revoke(self, kind: str, subject: UUID, at: datetime | None = None) -> None:
        self.revoked.append({"kind": kind, "id": str(subject), "at": (at or datetime.now(UTC)).isoformat()})

    def _revocations(self, _seen: Seen) -> Any:
        if self.unreachable:
            return 503, {}, b""
        return {"items": self.revoked, "next": datetime.now(UTC).isoformat()}


def person(*, platform: str | None = None) -> Caller:
    """Somebody who has logged in."""
    scopes = frozenset({f"platform:{platform}"} if platform else ())
    return Caller(kind="person", id=new_id(), session_id=new_id(), scopes=scopes)


def service(*scopes: str) -> Caller:
    """A service account."""
    return Caller(kind="service", id=new_id(), session_id=new_id(), scopes=frozenset(scopes), community_ids=None)


def token(caller: Caller, *, issued: datetime | None = None) -> str:
    """An access token that the stand-in of membership vouches for."""
    issuer = TokenIssuer("qunxue", "qunxue", KEY_ID, _key)
    return issuer.issue(caller, now=issued or datetime.now(UTC), lifetime=timedelta(minutes=15))[0]


def bearer(caller: Caller, *, issued: datetime | None = None) -> dict[str, str]:
    """The header that names a caller."""
    return {"Authorization": f"Bearer {token(caller, issued=issued)}"}


@asynccontextmanager
async def listening(
    app: ASGIApp, *, http: str = "httptools", port: int | None = None, **options: Any
) -> AsyncIterator[int]:
    """The application behind a real server on a port of this machine, set up as the product sets up its own."""
    port = port or free_port()
    server = uvicorn.Server(
        uvicorn.Config(
            app, host="127.0.0.1", port=port, http=Http if http == "httptools" else http, log_config=None, access_log=False, server_header=False,
            proxy_headers=False, timeout_graceful_shutdown=1, timeout_keep_alive=30, **options,
        )
    )  # fmt: skip
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    serving = asyncio.create_task(server._serve())
    await eventually(lambda: server.started, what="the server listens")
    try:
        yield port
    finally:
        server.should_exit = True
        await serving
