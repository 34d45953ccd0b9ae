"""Limits expensive work: a few pieces at a time, and one of each caller, so that no caller blocks the others."""

import asyncio
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager
from time import monotonic

from chassis.patience import patience_ends
from chassis.problems import UNAVAILABLE, too_much_at_once

WAIT_SECONDS = 5.0
LONGEST_REST = 3.0


class Turnstile:
    """Lets `at_once` pieces of work run together. The others wait for their turn, those of one caller in a row.

    They wait a few seconds, but no longer than their request may wait in all, or with `wait_seconds=None` as long as it takes.
    """

    def __init__(
        self, at_once: int, *, wait_seconds: float | None = WAIT_SECONDS, rest: float = 0.0, short: float = 0.0
    ) -> None:
        self._free = asyncio.Semaphore(at_once)
        self._wait_seconds = wait_seconds
        self._rest = rest
        """How long a caller waits after a turn, in times of its length: 3.0 leaves each caller a quarter of the time."""
        self._short = short
        """Seconds up to which a turn needs no rest after it."""
        self._of: dict[Hashable, tuple[asyncio.Lock, int]] = {}

    @asynccontextmanager
    async def turn(self, caller: Hashable) -> AsyncIterator[None]:
        """Wait for a turn. Raises `RATE_LIMITED` if other work of this caller takes too long, `UNAVAILABLE` if work of others does."""
        mine, users = self._of.get(caller, (asyncio.Lock(), 0))
        self._of[caller] = (mine, users + 1)
        try:
            async with asyncio.timeout(self._patience()):
                await mine.acquire()
        except BaseException as error:
            self._leave(caller)
            if isinstance(error, TimeoutError):
                raise too_much_at_once() from None
            raise
        pause = 0.0
        try:
            async with self._room():
                began = monotonic()
                try:
                    yield
                finally:
                    length = monotonic() - began
                    pause = min(LONGEST_REST, length * self._rest) if length > self._short else 0.0
        finally:
            if pause:
                asyncio.get_running_loop().call_later(pause, self._end, caller, mine)
            else:
                self._end(caller, mine)

    def _patience(self) -> float | None:
        return None if self._wait_seconds is None else min(self._wait_seconds, patience_ends() - monotonic())

    def _end(self, caller: Hashable, mine: asyncio.Lock) -> None:
        mine.release()
        self._leave(caller)

    def _leave(self, caller: Hashable) -> None:
        mine, users = self._of[caller]
        if users > 1:
            self._of[caller] = (mine, users - 1)
        else:
            del self._of[caller]

    @asynccontextmanager
    async def _room(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self._patience()):
                await self._free.acquire()
        except TimeoutError:
            raise UNAVAILABLE("Too many are at this at once.", "同时进行此操作的请求过多。", retry_after=1) from None
        try:
            yield
        finally:
            self._free.release()
