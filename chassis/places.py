"""A caller who sends many requests at once waits for their own, and others do not.

Python does one thing at a time: fifty requests that begin together are all half done before any is answered, and whoever comes next
waits for all of them. So of each caller two are at work: one, and one that goes on while the first waits for the database. The others
wait in order before they cost anything. Where the process has time, as when all wait for a slow database or a row that others have, one
more goes to work now and then: to hold it back would help nobody.
"""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from chassis.patience import patience_ends
from chassis.problems import RATE_LIMITED

EACH = 2
LOOK_SECONDS = 0.005
LATE_SECONDS = 0.002
IDLE = 0.9
"""The part of such a moment that has to be left over for one more. Nearly all of it: a process that others keep from its processor uses
little of it, too."""


@dataclass
class _Mine:
    """One caller's requests: how many are at work, and those that wait, in order."""

    at_work: int = 0
    behind: deque[asyncio.Future[None]] = field(default_factory=deque)


class Places:
    """Where the requests of one service process go to work."""

    def __init__(self) -> None:
        self.of: dict[Hashable, _Mine] = {}
        self._waiting: dict[Hashable, _Mine] = {}
        """Those who have requests that wait. Whoever got one more to work comes last."""
        self._looking: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def at_work(self, caller: Hashable) -> AsyncIterator[None]:
        """Wait for a place. Raises `RATE_LIMITED` if that takes longer than a request may wait in all."""
        mine = self.of.get(caller)
        if mine is None:
            mine = self.of[caller] = _Mine()
        if mine.at_work >= EACH:
            await self._stand(caller, mine)
        else:
            mine.at_work += 1
        try:
            yield
        finally:
            self._leave(caller, mine)

    async def _stand(self, caller: Hashable, mine: _Mine) -> None:
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        mine.behind.append(place)
        self._waiting[caller] = mine
        if self._looking is None:
            self._looking = asyncio.create_task(self._look())
        try:
            await asyncio.wait({place}, timeout=max(0.0, patience_ends() - time.monotonic()))
            if not place.done():
                raise RATE_LIMITED(
                    "Too much at once from one caller.",
                    "同一调用方同时发出的请求过多。",
                    policy="at_once",
                    retry_after=1,
                )
        except BaseException:
            if place.done():
                self._leave(caller, mine)
            else:
                mine.behind.remove(place)
                self._forget(caller, mine)
            raise

    def _leave(self, caller: Hashable, mine: _Mine) -> None:
        mine.at_work -= 1
        if mine.behind and mine.at_work < EACH:
            self._let_in(mine)
        self._forget(caller, mine)

    def _let_in(self, mine: _Mine) -> None:
        mine.at_work += 1
        mine.behind.popleft().set_result(None)

    def _forget(self, caller: Hashable, mine: _Mine) -> None:
        if not mine.behind:
            self._waiting.pop(caller, None)
            if not mine.at_work:
                del self.of[caller]

    async def _look(self) -> None:
        """While anybody waits: let one more go to work after each moment in which the process had time, the callers in turn."""
        while self._waiting:
            began, used = time.monotonic(), time.thread_time()
            await asyncio.sleep(LOOK_SECONDS)
            late = time.monotonic() - began > LOOK_SECONDS + LATE_SECONDS
            if late or time.thread_time() - used > LOOK_SECONDS * (1 - IDLE) or not self._waiting:
                continue
            caller, mine = next(iter(self._waiting.items()))
            del self._waiting[caller]
            self._let_in(mine)
            if mine.behind:
                self._waiting[caller] = mine
        self._looking = None
