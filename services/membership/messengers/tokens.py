"""Tokens of our apps: fetched when one is needed, kept until shortly before their end, and fetched by one for all who wait."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic
from typing import Final

from services.membership.messengers.messenger import Token

EARLY: Final = timedelta(minutes=5)
"""How long before its end a token is not used any more; of a short one a tenth."""


@dataclass(slots=True)
class _Kept:
    value: str
    until: float


@dataclass(slots=True)
class Tokens:
    """The tokens of one process, by app. `clock` counts seconds."""

    clock: Callable[[], float] = monotonic
    _kept: dict[str, _Kept] = field(default_factory=dict)
    _coming: dict[str, "asyncio.Task[str | None]"] = field(default_factory=dict)

    async def of(
        self, app: str, fetch: Callable[[], Awaitable[Token | None]], *, not_this: str | None = None
    ) -> str | None:
        """The app's token, fetched if there is none, or if it is the one that was found stale; None where none is given."""
        kept = self._kept.get(app)
        if kept is not None and kept.value != not_this and self.clock() < kept.until:
            return kept.value
        coming = self._coming.get(app)
        if coming is None or coming.get_loop() is not asyncio.get_running_loop():
            coming = asyncio.create_task(self._fetch(app, fetch))
            self._coming[app] = coming
            coming.add_done_callback(lambda done: self._arrived(app, done))
        # Who gives up does not take it from the others.
        return await asyncio.shield(coming)

    async def _fetch(self, app: str, fetch: Callable[[], Awaitable[Token | None]]) -> str | None:
        token = await fetch()
        if token is None:
            return None
        lasts = token.lasts - min(EARLY, token.lasts / 10)
        self._kept[app] = _Kept(token.value, self.clock() + lasts.total_seconds())
        return token.value

    def _arrived(self, app: str, done: "asyncio.Task[str | None]") -> None:
        if self._coming.get(app) is done:
            del self._coming[app]
        if not done.cancelled():
            done.exception()
