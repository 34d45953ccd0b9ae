"""Calling off the interpretation of foreign input that runs in a thread.

A thread cannot be ended from outside. So whatever reads what callers send looks up now and then by `check()`, and whoever
started it says by `Errand.call_off()` that nobody waits for the outcome any more. The errand travels in a context variable,
so that readers need no argument for it; where none is set, `check()` does nothing.
"""

import threading
from contextvars import ContextVar
from dataclasses import dataclass, field
from time import monotonic


class CalledOff(Exception):
    """Nobody waits for the outcome any more: whoever asked was cancelled, the process stops, or the time is up."""


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
