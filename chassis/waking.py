"""Sleeping until a time has passed or an event has come."""

import asyncio
import contextlib

OWN_SECONDS = 30.0
"""How often SQLite is asked for work. Only this process writes there, and each commit wakes whoever works: this is for unforeseen cases."""


class Bell:
    """Wakes all who listen: each has an event of its own, so that nobody clears what another has yet to hear."""

    def __init__(self) -> None:
        self._listeners: list[asyncio.Event] = []

    def listener(self) -> asyncio.Event:
        """An event that is set whenever the bell rings from now on."""
        listener = asyncio.Event()
        self._listeners.append(listener)
        return listener

    def ring(self) -> None:
        """Wake all."""
        for listener in self._listeners:
            listener.set()


async def asleep(seconds: float, woken: asyncio.Event) -> None:
    """Sleep so long, or until the event is set."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await woken.wait()
