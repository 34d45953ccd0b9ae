"""Whether the loops of a worker still come round: one that hangs raises no error, so somebody has to look at the clock.

A loop runs inside `Turns.loop(name)`. Whatever it does there says `come_round()` when it has got on: each transaction, each failure
that is tried again, and each wait for what may rightly be away for long. The loop travels in a context variable, so
that none of them needs an argument for it.
"""

import asyncio
import time
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

ResultT = TypeVar("ResultT")

LIMIT_SECONDS = 60.0
"""A loop that did not come round for so long hangs: every wait inside it has a shorter bound."""
LOOK_SECONDS = 5.0


class Turns:
    """When each loop of one worker last came round, on the monotonic clock."""

    def __init__(self) -> None:
        self.last: dict[str, float] = {}

    @contextmanager
    def loop(self, name: str) -> Iterator[None]:
        """Watch what runs inside, with all tasks that it starts."""
        before = _current.set((self, name))
        come_round()
        try:
            yield
        finally:
            _current.reset(before)
            del self.last[name]

    def hanging(self) -> list[str]:
        """The loops that have not come round for a minute."""
        latest = time.monotonic() - LIMIT_SECONDS
        return sorted(name for name, last in self.last.items() if last < latest)


_current: ContextVar[tuple[Turns, str] | None] = ContextVar("loop", default=None)


def come_round(at: float | None = None) -> None:
    """Say that the loop under way got on, at this moment of the monotonic clock or now; outside of any nothing happens."""
    current = _current.get()
    if current is not None:
        turns, name = current
        turns.last[name] = time.monotonic() if at is None else at


async def however_long(waiting: Awaitable[ResultT]) -> ResultT:
    """Wait for another system, which may rightly be away for days: the loop comes round meanwhile."""
    task = asyncio.ensure_future(waiting)
    try:
        while not (await asyncio.wait({task}, timeout=LOOK_SECONDS))[0]:
            come_round()
        return await task
    finally:
        task.cancel()
