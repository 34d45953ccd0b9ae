"""Whose tokens are revoked. The gateway asks membership every 2 s, so that a suspension takes effect within 5 s."""

import asyncio
import base64
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx
import orjson

from chassis.clock import Clock
from chassis.problems import SESSION_REVOKED, UNAVAILABLE, Problem
from chassis.security.caller import Caller

EVERY_SECONDS = 2.0
ID_MADE_WITHIN_SECONDS = 5
STALE_SECONDS = 30.0
KEPT = timedelta(minutes=20)
"""Longer than an access token lives: what is older concerns tokens that have expired."""

log = logging.getLogger("qunxue.gateway")

Ask = Callable[[str], Awaitable[httpx.Response]]
"""A GET of membership with the gateway's own token."""


@dataclass(frozen=True, slots=True)
class _Entry:
    kind: str
    id: UUID
    at: datetime


class Revocations:
    """The people and sessions of the last 20 minutes whose older tokens are refused."""

    def __init__(self, ask: Ask, clock: Clock, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._ask = ask
        self._clock = clock
        self._monotonic = monotonic
        self._revoked: dict[UUID, datetime] = {}
        self._after: str | None = None
        self._reached_at: float | None = None
        self._task: asyncio.Task[None] | None = None
        self.heard: Callable[[set[UUID]], None] | None = None
        """Called with the people and sessions that were revoked since the last time."""

    def start(self) -> None:
        """Begin to poll."""
        self._reached_at = self._monotonic()
        self._task = asyncio.create_task(self._poll(), name="gateway-revocations")

    async def stop(self) -> None:
        """End polling."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    @property
    def stale(self) -> bool:
        """Whether membership was unreachable for 30 s, so that later suspensions are unknown here."""
        return self._reached_at is not None and self._monotonic() - self._reached_at > STALE_SECONDS

    def check(self, caller: Caller, authorization: bytes) -> None:
        """Refuse a token made before its person or session was revoked. Raises `SESSION_REVOKED` (401)."""
        if not self._revoked:
            return
        if any(not issued_after(authorization, at) for at in self._moments(caller.id, caller.session_id)):
            raise revoked()

    def is_revoked(self, person_id: UUID, session_id: UUID, issued: "Issued") -> bool:
        """Whether a token that was made then is worth nothing."""
        return any(not issued.after(at) for at in self._moments(person_id, session_id))

    def _moments(self, *subjects: UUID) -> list[datetime]:
        return [at for subject in subjects if (at := self._revoked.get(subject)) is not None]

    def check_fresh(self) -> None:
        """Before anything is changed. Raises `UNAVAILABLE` (503) when the list is stale."""
        if self.stale:
            raise UNAVAILABLE(
                "It cannot be checked right now whether the session has ended. Reading is still possible.",
                "暂时无法核实会话是否已结束；仍可读取内容。",
                retry_after=5,
            )

    async def refresh(self) -> None:
        """Ask once for what is new. Raises `httpx.HTTPError`, `OSError`, `LookupError` or a `Problem` when it cannot."""
        path = "/v1/revocations" if self._after is None else f"/v1/revocations?after={quote(self._after, safe='')}"
        response = await self._ask(path)
        response.raise_for_status()
        body = response.json()
        new = set()
        for entry in map(_entry, body["items"]):
            if entry.id not in self._revoked or entry.at > self._revoked[entry.id]:
                self._revoked[entry.id] = entry.at
                new.add(entry.id)
        if new and self.heard is not None:
            self.heard(new)
        self._after = body["next"]
        self._reached_at = self._monotonic()
        oldest = self._clock() - KEPT
        for subject in [subject for subject, at in self._revoked.items() if at < oldest]:
            del self._revoked[subject]

    async def _poll(self) -> None:
        while True:
            try:
                await self.refresh()
            except Exception as error:  # noqa: BLE001 - whatever it is: to stop asking would stop every command after 30 s
                log.warning("revocations not read", extra={"error": type(error).__name__})
            await asyncio.sleep(EVERY_SECONDS)


def revoked() -> Problem:
    """The answer to a token whose session has been ended."""
    return SESSION_REVOKED(headers={"WWW-Authenticate": 'Bearer error="invalid_token", error_description="revoked"'})


@dataclass(frozen=True, slots=True)
class Issued:
    """When a verified token was made: `iat`, which has whole seconds, and the time in `jti`, a UUIDv7, by the millisecond."""

    second: int
    made: float

    @classmethod
    def of(cls, authorization: bytes) -> "Issued":
        """What an `Authorization` header that was verified says."""
        claims = _claims(authorization)
        return cls(int(claims["iat"]), (UUID(claims["jti"]).int >> 80) / 1000)

    def after(self, moment: datetime) -> bool:
        """Whether that was after a moment, so that the revocation was not meant for it.

        Within the second of the revocation `jti` decides.
        """
        second = int(moment.timestamp())
        if self.second != second:
            return self.second > second
        # The id is made a little after the moment that `iat` says, perhaps in the next second; a far one is no witness.
        return self.made > moment.timestamp() and self.made - self.second < ID_MADE_WITHIN_SECONDS


def issued_after(authorization: bytes, moment: datetime) -> bool:
    """Whether a verified token was made after a moment."""
    return Issued.of(authorization).after(moment)


def _claims(authorization: bytes) -> dict[str, Any]:
    payload = authorization.split(b".")[1]
    claims: dict[str, Any] = orjson.loads(base64.urlsafe_b64decode(payload + b"=" * (-len(payload) % 4)))
    return claims


def _entry(item: dict[str, Any]) -> _Entry:
    return _Entry(item["kind"], UUID(item["id"]), datetime.fromisoformat(item["at"]))
