"""Tickets for those who cannot send a header, such as a browser's `EventSource`. Membership issues and redeems them, so that any gateway may be shown one that another gave out, and each is good once."""

import re
from collections.abc import Awaitable
from typing import Any, Final, Protocol
from urllib.parse import parse_qs
from uuid import UUID

import httpx

from gateway.live.problems import TICKET_INVALID
from gateway.problems import SERVICE_UNAVAILABLE
from gateway.revocations import revoked

PATH: Final = b"/v1/stream"
SECONDS: Final = 3.0
_TICKETS: Final = "/internal/stream-tickets"
_TICKET: Final = re.compile(r"qxs_[A-Za-z0-9_-]{43}", re.ASCII)


class Call(Protocol):
    """A call of a service with the gateway's own token."""

    def __call__(
        self, service: str, method: str, path: str, *, json: Any = None, seconds: float = ...
    ) -> Awaitable[httpx.Response]:
        """See `Peers.call`."""


def ticket_in(method: str, raw_path: bytes, query: bytes) -> str | None:
    """The ticket that a request for a stream shows; None where there is none."""
    if raw_path != PATH or method not in {"GET", "HEAD"} or b"ticket" not in query:
        return None
    shown = parse_qs(query.decode("latin-1")).get("ticket")
    # Two say nothing clear.
    return None if shown is None else shown[0] if len(shown) == 1 else ""


class Tickets:
    """Asks membership for tickets, and what they are worth."""

    def __init__(self, call: Call) -> None:
        self._call = call

    async def issue(self, person_id: UUID, session_id: UUID) -> dict[str, Any]:
        """A ticket for somebody. Raises `SESSION_REVOKED` if their session is over, 503 if membership does not answer."""
        answer = await self._ask(_TICKETS, {"person_id": str(person_id), "session_id": str(session_id)})
        if answer is None:
            raise revoked()
        return answer

    async def redeem(self, ticket: str) -> bytes:
        """The `Authorization` header of whose ticket it is. Raises `TICKET_INVALID`, 503 if membership does not answer."""
        answer = await self._ask(f"{_TICKETS}/redemptions", {"ticket": ticket}) if _TICKET.fullmatch(ticket) else None
        if answer is None:
            raise TICKET_INVALID(headers={"WWW-Authenticate": "Bearer"})
        return b"Bearer " + str(answer["access_token"]).encode()

    async def _ask(self, path: str, body: dict[str, str]) -> dict[str, Any] | None:
        try:
            response = await self._call("membership", "POST", path, json=body, seconds=SECONDS)
            if response.status_code == httpx.codes.NOT_FOUND:
                return None
            response.raise_for_status()
        except (httpx.HTTPError, OSError, LookupError) as error:
            raise SERVICE_UNAVAILABLE(service="membership") from error
        answer: dict[str, Any] = response.json()
        return answer
