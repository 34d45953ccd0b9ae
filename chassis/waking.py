"""Sleeping until a time has passed or an event has come."""

import asyncio
import contextlib

OWN_SECONDS = 30.0
"""How often SQLite is asked for work. Only this process writes there, and each commit wakes whoever works: this is for unforeseen cases."""


async def asleep(seconds: float, woken: asyncio.Event) -> None:
    """Sleep so long, or until the event is set."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await woken.wait()
