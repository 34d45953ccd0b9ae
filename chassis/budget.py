"""Limits for reading foreign input: it runs in a thread of its own, with a limit of time and of steps, and can be cancelled.

A thread cannot be ended from outside. So code that reads what callers send calls `check()` or `spend()` now and then. The errand is
in a context variable, so readers need no argument for it. Without an errand both functions do nothing.
"""

import asyncio
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar, copy_context
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, TypeVar

Result = TypeVar("Result")

_STEPS_BETWEEN_LOOKS = 64
WORK_SECONDS = 0.002
"""How long a gentle errand works before it leaves the interpreter to others for as long as that took: Python runs one thread at a time."""


class CalledOff(Exception):
    """Nobody waits for the result any more: the caller was cancelled, or the process stops."""


class OverBudget(Exception):
    """It takes more time or more steps than allowed."""


@dataclass
class Errand:
    """One reading in progress. `ends` is on the monotonic clock; None means no limit, also for `steps`.

    A `gentle` one rests as long as it works.
    """

    ends: float | None = None
    steps: int | None = None
    gentle: bool = False
    _off: threading.Event = field(default_factory=threading.Event)
    _since_look: int = 0
    _awake_since: float = field(default_factory=monotonic)

    def call_off(self) -> None:
        """Make the next `check()` raise. Any thread may call this."""
        self._off.set()

    def check(self) -> None:
        """Raises `CalledOff`, or `OverBudget` when the time is up."""
        if self._off.is_set():
            raise CalledOff
        if self.ends is not None and monotonic() > self.ends:
            raise OverBudget
        if self.gentle and (worked := monotonic() - self._awake_since) > WORK_SECONDS:
            time.sleep(worked)
            self._awake_since = monotonic()

    def spend(self, steps: int) -> None:
        """Count steps. Raises `OverBudget` when none are left."""
        if self.steps is not None:
            self.steps -= steps
            if self.steps < 0:
                raise OverBudget
        self._since_look += steps
        if self._since_look >= _STEPS_BETWEEN_LOOKS:
            self._since_look = 0
            self.check()


errand: ContextVar[Errand | None] = ContextVar("errand", default=None)


def check() -> None:
    """Raises `CalledOff` or `OverBudget` where the errand under way is over."""
    current = errand.get()
    if current is not None:
        current.check()


def spend(steps: int = 1) -> None:
    """Count steps: comparisons, keywords, characters, whatever the cost grows with."""
    current = errand.get()
    if current is not None:
        current.spend(steps)


def within(steps: int, work: Callable[[], Result]) -> Result:
    """Do the work in this thread, with at most so many steps. Raises `OverBudget`."""
    before = errand.set(Errand(steps=steps))
    try:
        return work()
    finally:
        errand.reset(before)


async def in_thread(
    work: Callable[[], Result],
    *,
    stop: asyncio.Event | None = None,
    seconds: float | None = None,
    steps: int | None = None,
    gentle: bool = False,
) -> Result:
    """Do the work in a thread, within `seconds` and `steps`. Raises `OverBudget`, and `CalledOff` once `stop` is set.

    Cancelling the caller also calls it off. The thread does not keep the process from exiting, and nobody waits for its end.
    """
    under_way = Errand(ends=None if seconds is None else monotonic() + seconds, steps=steps, gentle=gentle)
    ended = _start(work, under_way)
    stopping = asyncio.create_task((stop or asyncio.Event()).wait())
    try:
        await asyncio.wait((ended, stopping), timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if ended.done():
            return ended.result()
        raise CalledOff if stopping.done() else OverBudget
    finally:
        under_way.call_off()
        stopping.cancel()
        # Where nobody waits any more, nobody asks how it ended.
        ended.add_done_callback(lambda future: future.cancelled() or future.exception())


def _start(work: Callable[[], Result], under_way: Errand) -> asyncio.Future[Result]:
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[Result] = loop.create_future()
    context = copy_context()
    context.run(errand.set, under_way)

    def tell(how: Callable[[Any], None], what: Any) -> None:
        # The loop may have gone, and who waited with it.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(lambda: None if ended.done() else how(what))

    def run() -> None:
        try:
            result = context.run(work)
        except BaseException as error:  # noqa: BLE001 - it is raised where the work is waited for
            tell(ended.set_exception, error)
        else:
            tell(ended.set_result, result)

    threading.Thread(target=run, name="interpretation", daemon=True).start()
    return ended
