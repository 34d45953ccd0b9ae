"""Reading foreign input for a use case: cheap input at once, expensive input in a thread and outside the transaction.

A use case calls `interpreted(...)`. If the result is not known yet and is expensive, `Wanted` is raised: the transaction is undone, the
operation does the work in a thread and runs the use case again, which then finds the result. So permissions and states are checked
before anything expensive is read, and no transaction waits for a thread.
"""

import hashlib
from collections.abc import Callable, Hashable
from contextvars import ContextVar
from typing import Any, TypeVar

from chassis.budget import OverBudget, errand, in_thread, within
from chassis.turnstile import Turnstile

Result = TypeVar("Result")

STEPS_AT_ONCE = 500
"""Enough for an ordinary form with its answers; about a millisecond."""
STEPS = 200_000
SECONDS = 6.0
"""The limit of steps is reached long before, except by code that counts none."""

_known: ContextVar[dict[bytes, Any] | None] = ContextVar("interpretations", default=None)


class Wanted(Exception):
    """The use case needs the result of this work first."""

    def __init__(self, key: bytes, work: Callable[[], Any], seconds: float = SECONDS) -> None:
        super().__init__()
        self.key = key
        self.work = work
        self.seconds = seconds


class Interpretations:
    """The results for one request, by a hash of their sources."""

    def __init__(self, turnstile: Turnstile, caller: Hashable) -> None:
        self._turnstile = turnstile
        self._caller = caller
        self._known: dict[bytes, Any] = {}

    def __enter__(self) -> "Interpretations":
        self._before = _known.set(self._known)
        return self

    def __exit__(self, *_exc: object) -> None:
        _known.reset(self._before)

    async def find(self, wanted: Wanted) -> None:
        """Do the work in a thread. Raises `OverBudget`, or what the work raises."""
        async with self._turnstile.turn(self._caller):
            self._known[wanted.key] = await in_thread(wanted.work, seconds=wanted.seconds, steps=STEPS, gentle=True)


def in_request() -> bool:
    """Whether somebody waits who runs the use case again once what it wants is known."""
    return _known.get() is not None and errand.get() is None


def interpreted_if_cheap(work: Callable[..., Result], *sources: bytes, otherwise: Result) -> Result:
    """The result of `work`, or `otherwise` if it is expensive: for lists, which have many sources."""
    try:
        return within(STEPS_AT_ONCE, lambda: work(*sources))
    except OverBudget:
        return otherwise


def interpreted(work: Callable[..., Result], *sources: bytes) -> Result:
    """The result of `work` for these sources, and of nothing else. Raises `Wanted` if it is expensive and not known yet.

    Outside of a request, as in a job, the work is done at once.
    """
    known = _known.get()
    if known is None or errand.get() is not None:
        return work(*sources)
    key = hashlib.sha256(
        b"\0".join([work.__qualname__.encode(), *(hashlib.sha256(one).digest() for one in sources)])
    ).digest()
    if key in known:
        found: Result = known[key]
        return found
    try:
        known[key] = result = within(STEPS_AT_ONCE, lambda: work(*sources))
    except OverBudget:
        raise Wanted(key, lambda: work(*sources)) from None
    return result
