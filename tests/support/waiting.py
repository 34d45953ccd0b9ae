"""Waiting for a condition, never for a time."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, overload

T = TypeVar("T")
PATIENCE = 120.0
"""Seconds. A bound for what never happens, not a measure of what does: the machine may be busy."""


class NeverHappened(AssertionError):
    """The condition did not hold within its time."""


@overload
async def eventually(
    condition: Callable[[], Awaitable[T]], *, timeout: float = ..., interval: float = ..., what: str = ...
) -> T: ...
@overload
async def eventually(
    condition: Callable[[], T], *, timeout: float = ..., interval: float = ..., what: str = ...
) -> T: ...
async def eventually(
    condition: Callable[[], Any], *, timeout: float = PATIENCE, interval: float = 0.02, what: str = ""
) -> Any:
    """The first true answer of `condition`, asked every `interval` seconds.

    An AssertionError inside the condition counts as "not yet", and its text is shown when the time is over;
    any other exception is the caller's.
    """
    deadline = time.monotonic() + timeout
    while True:
        last: object
        try:
            answer = condition()
            result = await answer if inspect.isawaitable(answer) else answer
            if result:
                return result
            last = result
        except AssertionError as failed:
            last = failed
        if time.monotonic() >= deadline:
            raise NeverHappened(_text(condition, what, timeout, last))
        await asyncio.sleep(interval)


def eventually_sync(
    condition: Callable[[], T], *, timeout: float = PATIENCE, interval: float = 0.02, what: str = ""
) -> T:
    """As `eventually`, outside an event loop."""
    deadline = time.monotonic() + timeout
    while True:
        last: object
        try:
            result = condition()
            if result:
                return result
            last = result
        except AssertionError as failed:
            last = failed
        if time.monotonic() >= deadline:
            raise NeverHappened(_text(condition, what, timeout, last))
        time.sleep(interval)


def _text(condition: object, what: str, timeout: float, last: object) -> str:
    name = what or getattr(condition, "__name__", repr(condition))
    return f"{name}: not within {timeout:g} s; last answer: {last!r}"
