"""A service's worker: relay, consumer, timers, jobs, errands. Any number may run; each of the five keeps itself from doing things twice.

None asks in vain: what happens in this process wakes them, and until what is next due they sleep. What other processes do, the
database is asked for now and then, by a read that finds nothing.
"""

import asyncio
import logging
import os
import random
import socket
import time
from collections.abc import Awaitable, Callable
from datetime import datetime

from chassis import metrics
from chassis.errands import run_errand
from chassis.housekeeping import housekeeping
from chassis.ids import new_id
from chassis.job_running import JobLanes
from chassis.memory import collect_less_often
from chassis.messaging.consumer import MessageConsumer
from chassis.messaging.envelope import is_ours
from chassis.messaging.handlers import Handlers
from chassis.messaging.log import Log
from chassis.messaging.relay import Relay
from chassis.service import RunningService
from chassis.timers import Timers, next_due
from chassis.turns import Turns, come_round
from chassis.waking import OWN_SECONDS, asleep
from chassis.web.jobs import waiting_jobs

logger = logging.getLogger("qunxue.worker")

TIMER_SECONDS = 1.0
"""How often PostgreSQL is asked whether another process has set a timer."""
BUSY_SECONDS = 0.5
"""How long to wait when another worker has the timer that is due."""
CLOCK_SECONDS = 2.0
"""How often the clock is compared while nothing is due: somebody may set it, and machines sleep."""
MEASURE_SECONDS = 10.0
SOUND_SECONDS = 10.0
"""After so long without a failure the next one counts as the first."""
_RETRY = (0.2, 5.0)


class Worker:
    """Runs until it is told to stop, then ends running work within 10 s. The next start continues the rest."""

    def __init__(self, runtime: RunningService, log_: Log, *, outside: Log | None) -> None:
        """`outside` is the log that other systems of the company write to; None where there is none."""
        self.runtime = runtime
        self.turns = Turns()
        self.owner = f"{socket.gethostname()}-{os.getpid()}-{new_id().hex[-8:]}"
        service = runtime.service
        self.relay = Relay(runtime.database, log_, service=service.name, topics=service.publishes)
        self._consumers = [
            MessageConsumer(
                runtime.database, log, handlers, name=name, clock=runtime.clock, news_only=name != service.name
            )
            for name, own in service.consumers.items()
            for log, handlers in _read_where(own, log_, outside)
        ]
        self._timers = Timers().include(service.timers, housekeeping)
        self._stop = asyncio.Event()

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set."""
        collect_less_often()
        self._stop = stop
        service = self.runtime.service
        async with asyncio.TaskGroup() as tasks:
            if service.publishes:
                tasks.create_task(self._watched("relay", self.relay.run(stop)))
            for number, consumer in enumerate(self._consumers):
                tasks.create_task(self._watched(f"consumer {number}" if number else "consumer", consumer.run(stop)))
            tasks.create_task(self._watched("timers", self._persistently(self._run_timers)))
            tasks.create_task(self._watched("jobs", JobLanes(service.jobs, self.runtime, owner=self.owner).run(stop)))
            for errand in service.errands:
                if errand.is_wanted(self.runtime):
                    tasks.create_task(self._watched(errand.name, run_errand(errand, self.runtime, stop)))
            tasks.create_task(self._persistently(self._measure))
            tasks.create_task(self._wake_at_the_end())

    async def _watched(self, loop: str, work: Awaitable[None]) -> None:
        with self.turns.loop(f"{self.runtime.name} {loop}"):
            await work

    async def _run_timers(self) -> None:
        """Apply timers when they are due, until told to stop."""
        database = self.runtime.database
        look_seconds = OWN_SECONDS if database.is_sqlite else TIMER_SECONDS
        latest: datetime | None = None
        while not self._stop.is_set():
            now = self.runtime.clock()
            if latest is None or now < latest:
                async with database.transaction() as session:
                    await self._timers.set_periodic(session, now)
            latest = now
            # Clear it before the look: a commit after the look sets it again.
            database.timers_changed.clear()
            async with database.reading(primary=True) as session:
                due = await self._timers.next_due(session)
            if due is None or due > self.runtime.clock():
                await self._sleep_until(due, look_seconds)
            elif await self._timers.run_due(self.runtime) == 0:
                await asleep(BUSY_SECONDS, database.timers_changed)

    async def _sleep_until(self, due: datetime | None, look_seconds: float) -> None:
        changed = self.runtime.database.timers_changed
        looked = time.monotonic()
        while not (changed.is_set() or self._stop.is_set()):
            come_round()
            left = look_seconds - (time.monotonic() - looked)
            ahead = left if due is None else min(left, (due - self.runtime.clock()).total_seconds())
            if ahead <= 0:
                return
            await asleep(min(ahead, CLOCK_SECONDS), changed)

    async def _wake_at_the_end(self) -> None:
        await self._stop.wait()
        self.runtime.database.timers_changed.set()
        self.runtime.database.errands.ring()

    async def _measure(self) -> None:
        while not self._stop.is_set():
            async with self.runtime.database.reading() as session:
                metrics.jobs_waiting.labels(self.runtime.name).set(await waiting_jobs(session))
                due = await next_due(session)
            overdue = max(0.0, (self.runtime.clock() - due).total_seconds()) if due else 0.0
            metrics.timers_overdue.labels(self.runtime.name).set(overdue)
            await asleep(MEASURE_SECONDS, self._stop)

    async def _persistently(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do the work until told to stop; where it fails it begins again, after a growing, jittered wait."""
        failures = 0
        while not self._stop.is_set():
            began = time.monotonic()
            try:
                await work()
            except Exception as error:  # noqa: BLE001 - a worker outlives whatever one of its parts runs into
                come_round()
                failures = 1 if time.monotonic() - began > SOUND_SECONDS else failures + 1
                logger.warning(
                    "%s of %s failed, trying again",
                    work.__name__,
                    self.runtime.name,
                    extra={"error": repr(error)[:300]},
                )
                await asleep(min(_RETRY[1], _RETRY[0] * 2**failures) * random.uniform(0.5, 1.0), self._stop)


def _read_where(handlers: Handlers, log_: Log, outside: Log | None) -> list[tuple[Log, Handlers]]:
    """Which log is read for which messages, where somebody handles them."""
    if outside is log_:
        found = [(log_, handlers)]
    else:
        found = [(log_, handlers.of(is_ours))]
        if outside is not None:
            found.append((outside, handlers.of(lambda topic: not is_ours(topic))))
    return [(log, some) for log, some in found if some.routes]
