"""Errands: what a worker does in systems outside, each kind in a loop of its own, so that a slow one holds back no timer, no job and no other.

An errand is asked to do what is due and says when it is to come again. What is committed in this process wakes it; what other
processes left, it finds by looking.
"""

import asyncio
import logging
import random
import time
from datetime import datetime
from typing import Protocol

from chassis.runtime import Runtime
from chassis.turns import come_round
from chassis.waking import OWN_SECONDS, asleep

log = logging.getLogger("qunxue.errands")

LOOK_SECONDS = 1.0
"""How often PostgreSQL is asked whether another process has left something."""
CLOCK_SECONDS = 2.0
"""How often the clock is compared while nothing is due: somebody may set it, and machines sleep."""
_RETRY = (0.2, 5.0)


class Errand(Protocol):
    """One kind of work outside. Any number of workers do it at once: it keeps itself from doing things twice."""

    name: str

    def is_wanted(self, runtime: Runtime) -> bool:
        """Whether the host has set what it needs; without it no loop runs."""

    async def run_due(self, runtime: Runtime, stop: asyncio.Event) -> datetime | None:
        """Do what is due, in bounded time, until there is nothing or `stop` is set; when it is to come again, or None for as soon as something is left for it.

        Each thing that is done says `come_round()`, as each transaction does by itself.
        """


async def run_errand(errand: Errand, runtime: Runtime, stop: asyncio.Event) -> None:
    """Do one kind of errand until `stop` is set; where it fails it begins again, after a growing, jittered wait."""
    woken = runtime.database.errands.listener()
    look_seconds = OWN_SECONDS if runtime.database.is_sqlite else LOOK_SECONDS
    failures = 0
    while not stop.is_set():
        # Clear it before the look: a commit after the look sets it again.
        woken.clear()
        try:
            due = await errand.run_due(runtime, stop)
            failures = 0
        except Exception as error:  # noqa: BLE001 - a worker outlives whatever one of its parts runs into
            come_round()
            failures += 1
            # What it was about may stand in the error: its kind must do.
            log.warning("%s of %s failed, trying again", errand.name, runtime.name, extra={"why": type(error).__name__})
            await asleep(min(_RETRY[1], _RETRY[0] * 2 ** min(failures, 10)) * random.uniform(0.5, 1.0), stop)
            continue
        await _sleep_until(due, runtime, woken, stop, look_seconds)


async def _sleep_until(
    due: datetime | None, runtime: Runtime, woken: asyncio.Event, stop: asyncio.Event, look_seconds: float
) -> None:
    looked = time.monotonic()
    while not (woken.is_set() or stop.is_set()):
        come_round()
        left = look_seconds - (time.monotonic() - looked)
        ahead = left if due is None else min(left, (due - runtime.clock()).total_seconds())
        if ahead <= 0:
            return
        await asleep(min(ahead, CLOCK_SECONDS), woken)
