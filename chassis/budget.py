"""Cancelling the parsing of foreign input that runs in a thread.

A thread cannot be ended from outside. So whatever reads what callers send looks up now and then by `check()`, and whoever
started it says by `Errand.call_off()` that nobody waits for the outcome any more. The errand travels in a context variable,
so that readers need no argument for it; where none is set, `check()` does nothing.
"""

import asyncio
import threading
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from time import monotonic
from typing import TypeVar

Result = TypeVar("Result")


class CalledOff(Exception):
    """Nobody waits for the result any more: the caller was cancelled, the process stops, or the time is up."""


@dataclass
class Errand:
    """One interpretation under way. `ends`, on the monotonic clock, is when it must be over; None where only others bound it."""

    ends: float | None = None
    _off: threading.Event = field(default_factory=threading.Event)

    def call_off(self) -> None:
        """Make the next look of the interpretation its last; from any thread."""
        self._off.set()

    @property
    def is_over(self) -> bool:
        """Whether it was called off or its time is up."""
        return self._off.is_set() or (self.ends is not None and monotonic() > self.ends)


errand: ContextVar[Errand | None] = ContextVar("errand", default=None)


def check() -> None:
    """Raises `CalledOff` where the errand under way is over."""
    current = errand.get()
    if current is not None and current.is_over:
        raise CalledOff


async def in_thread(work: Callable[[], Result], *, stop: asyncio.Event | None = None) -> Result:
    """Do the work in a thread; it is called off when whoever waits is cancelled, or `stop` is set: then raises `CalledOff`."""
    under_way = Errand()
    before = errand.set(under_way)
    working = asyncio.create_task(asyncio.to_thread(work))
    errand.reset(before)
    stopping = asyncio.create_task((stop or asyncio.Event()).wait())
    try:
        await asyncio.wait((working, stopping), return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            under_way.call_off()
        return await working
    finally:
        under_way.call_off()
        stopping.cancel()
        # Nobody waits any more, so ignore how it ended.
        working.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
