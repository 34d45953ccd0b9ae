"""A caller who sends many requests at once waits for their own, and others do not.

Python does one thing at a time: fifty requests that begin together are all half done before any is answered, and whoever comes next
waits for all of them. So of each caller two are at work: one, and one that goes on while the first waits for the database. The others
wait in order before they cost anything, and go on when nobody is at work who has no others waiting, or after a short turn. Where the
process has time, as when all wait for a slow database or a row that others have, one more goes to work now and then: to hold it back
would help nobody.
"""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from chassis.patience import patience_ends
from chassis.problems import too_much_at_once

EACH = 2
TURN_SECONDS = 0.03
"""How long the next request of a caller, for which there is a place, lets those of others go first at most."""
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
    since: float = 0.0
    """When one of those who waited last went to work."""


class Admission:
    """Where the requests of one service process go to work."""

    def __init__(self) -> None:
        self.of: dict[Hashable, _Mine] = {}
        self._waiting: dict[Hashable, _Mine] = {}
        """Those who have requests that wait. Whoever got one more to work comes last."""
        self._looking: asyncio.Task[None] | None = None
        self._at_work = 0

    @asynccontextmanager
    async def at_work(self, caller: Hashable) -> AsyncIterator[None]:
        """Wait for a place. Raises `RATE_LIMITED` if that takes longer than a request may wait in all."""
        mine = self.of.get(caller)
        if mine is None:
            mine = self.of[caller] = _Mine()
        if mine.at_work >= EACH:
            await self._stand(caller, mine)
        else:
            self._begin(mine)
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
                raise too_much_at_once()
        except BaseException:
            if place.done():
                self._leave(caller, mine)
            else:
                mine.behind.remove(place)
                self._forget(caller, mine)
            raise

    def _leave(self, caller: Hashable, mine: _Mine) -> None:
        mine.at_work -= 1
        self._at_work -= 1
        self._forget(caller, mine)
        self._go_on()

    def _forget(self, caller: Hashable, mine: _Mine) -> None:
        if not mine.behind:
            self._waiting.pop(caller, None)
            if not mine.at_work:
                del self.of[caller]

    def _go_on(self) -> None:
        """Fill the places of callers whose requests wait, if those of nobody else are at work or have gone first for long enough."""
        alone = self._at_work == sum(mine.at_work for mine in self._waiting.values())
        turn = time.monotonic() - TURN_SECONDS
        for caller, mine in list(self._waiting.items()):
            if mine.at_work < EACH and (alone or mine.since <= turn):
                self._let_in(caller, mine)

    def _let_in(self, caller: Hashable, mine: _Mine) -> None:
        """The first of those who wait goes to work; its caller's next comes after those of others."""
        self._begin(mine)
        mine.since = time.monotonic()
        mine.behind.popleft().set_result(None)
        del self._waiting[caller]
        if mine.behind:
            self._waiting[caller] = mine

    def _begin(self, mine: _Mine) -> None:
        mine.at_work += 1
        self._at_work += 1

    async def _look(self) -> None:
        """While anybody waits: let one more go to work after each moment in which the process had time, the callers in turn."""
        while self._waiting:
            began, used = time.monotonic(), time.thread_time()
            await asyncio.sleep(LOOK_SECONDS)
            late = time.monotonic() - began > LOOK_SECONDS + LATE_SECONDS
            busy = late or time.thread_time() - used > LOOK_SECONDS * (1 - IDLE)
            if busy:
                self._go_on()
            elif self._waiting:
                self._let_in(*next(iter(self._waiting.items())))
        self._looking = None
