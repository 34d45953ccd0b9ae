"""How long one request waits in all, wherever it waits: for its caller's other requests, for a turn at expensive work, in line for a row.

Each of these waits has a bound of its own, but bounds add up, and an answer after the gateway's deadline is no answer.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import monotonic

PATIENCE_SECONDS = 8.0
"""Leaves 2 s of the gateway's 10 s for the work itself."""

_came: ContextVar[float | None] = ContextVar("came", default=None)


@contextmanager
def patience() -> Iterator[None]:
    """Around a request that has just come whole: what waits inside waits no longer than this, together."""
    before = _came.set(monotonic())
    try:
        yield
    finally:
        _came.reset(before)


def when_it_came() -> float:
    """When the request under way came, on the monotonic clock. Outside of requests it comes now."""
    return _came.get() or monotonic()


def patience_ends() -> float:
    """Until when whoever waits now may wait, on the same clock."""
    return when_it_came() + PATIENCE_SECONDS
