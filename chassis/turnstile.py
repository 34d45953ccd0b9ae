"""Limits expensive work: a few pieces at a time, and one of each caller, so that no caller blocks the others."""

import asyncio
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager

from chassis.problems import RATE_LIMITED, UNAVAILABLE

WAIT_SECONDS = 5.0


class Turnstile:
    """Lets `at_once` pieces of work run together. The others wait a few seconds for their turn; those of one caller wait in a row."""

    def __init__(self, at_once: int, *, wait_seconds: float = WAIT_SECONDS) -> None:
        self._free = asyncio.Semaphore(at_once)
        self._wait_seconds = wait_seconds
        self._of: dict[Hashable, tuple[asyncio.Lock, int]] = {}

    @asynccontextmanager
    async def turn(self, caller: Hashable) -> AsyncIterator[None]:
        """Wait for a turn. Raises `RATE_LIMITED` if other work of this caller takes too long, `UNAVAILABLE` if work of others does."""
        mine, waiting = self._of.get(caller, (asyncio.Lock(), 0))
        self._of[caller] = (mine, waiting + 1)
        try:
            try:
                async with asyncio.timeout(self._wait_seconds):
                    await mine.acquire()
            except TimeoutError:
                raise RATE_LIMITED("Too much at once from one caller.", policy="at_once", retry_after=1) from None
            try:
                async with self._room():
                    yield
            finally:
                mine.release()
        finally:
            mine, waiting = self._of[caller]
            if waiting > 1:
                self._of[caller] = (mine, waiting - 1)
            else:
                del self._of[caller]

    @asynccontextmanager
    async def _room(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self._wait_seconds):
                await self._free.acquire()
        except TimeoutError:
            raise UNAVAILABLE("Too many are at this at once.", retry_after=1) from None
        try:
            yield
        finally:
            self._free.release()
