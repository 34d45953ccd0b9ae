"""A service's worker: relay, consumer, timers, jobs. Any number may run; each of the four keeps itself from doing things twice."""

import asyncio
import logging
import os
import random
import socket
from collections.abc import Awaitable, Callable

from chassis import metrics
from chassis.housekeeping import housekeeping
from chassis.ids import new_id
from chassis.job_running import JobLanes
from chassis.memory import collect_less_often
from chassis.messaging.consumer import MessageConsumer
from chassis.messaging.log import Log
from chassis.messaging.relay import Relay
from chassis.service import RunningService
from chassis.timers import Timers, next_due
from chassis.turns import Turns, come_round
from chassis.web.jobs import waiting_jobs

log = logging.getLogger("qunxue.worker")

TIMER_SECONDS = 1.0
MEASURE_SECONDS = 10.0
_RETRY = (0.2, 5.0)


class Worker:
    """Runs until it is told to stop, then ends running work within 10 s. The next start continues the rest."""

    def __init__(self, runtime: RunningService, log_: Log) -> None:
        self.runtime = runtime
        self.turns = Turns()
        self.owner = f"{socket.gethostname()}-{os.getpid()}-{new_id().hex[-8:]}"
        service = runtime.service
        self.relay = Relay(runtime.database, log_, service=service.name, topics=service.publishes)
        self.consumer = MessageConsumer(
            runtime.database, log_, service.handlers, name=service.name, clock=runtime.clock
        )

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set."""
        collect_less_often()
        service = self.runtime.service
        async with asyncio.TaskGroup() as tasks:
            if service.publishes:
                tasks.create_task(self._watched("relay", self.relay.run(stop)))
            if service.handlers.routes:
                tasks.create_task(self._watched("consumer", self.consumer.run(stop)))
            tasks.create_task(self._watched("timers", self._timers(stop)))
            tasks.create_task(self._watched("jobs", JobLanes(service.jobs, self.runtime, owner=self.owner).run(stop)))
            tasks.create_task(self._again_and_again(self._measure, stop, MEASURE_SECONDS))

    async def _watched(self, loop: str, work: Awaitable[None]) -> None:
        with self.turns.loop(f"{self.runtime.name} {loop}"):
            await work

    async def _timers(self, stop: asyncio.Event) -> None:
        await self._again_and_again(self._set_periodic, stop, pause=None)
        await self._again_and_again(self._run_timers, stop, TIMER_SECONDS)

    async def _set_periodic(self) -> None:
        async with self.runtime.database.transaction() as session:
            for timers in self._all_timers():
                await timers.set_periodic(session, self.runtime.clock())

    async def _run_timers(self) -> None:
        for timers in self._all_timers():
            await timers.run_due(self.runtime)

    def _all_timers(self) -> tuple[Timers, ...]:
        return (self.runtime.service.timers, housekeeping)

    async def _measure(self) -> None:
        async with self.runtime.database.reading() as session:
            metrics.jobs_waiting.labels(self.runtime.name).set(await waiting_jobs(session))
            due = await next_due(session)
        overdue = max(0.0, (self.runtime.clock() - due).total_seconds()) if due else 0.0
        metrics.timers_overdue.labels(self.runtime.name).set(overdue)

    async def _again_and_again(
        self,
        work: Callable[[], Awaitable[None]],
        stop: asyncio.Event,
        pause: float | None,
    ) -> None:
        """Do the work until `stop`, or once when `pause` is None; failures are retried with a growing, jittered wait."""
        failures = 0
        while not stop.is_set():
            try:
                await work()
            except Exception as error:  # noqa: BLE001 - a worker outlives whatever one of its parts runs into
                failures += 1
                come_round()
                log.warning(
                    "%s of %s failed, trying again",
                    work.__name__,
                    self.runtime.name,
                    extra={"error": repr(error)[:300]},
                )
                await _sleep(min(_RETRY[1], _RETRY[0] * 2**failures) * random.uniform(0.5, 1.0), stop)
                continue
            failures = 0
            if pause is None:
                return
            await _sleep(pause, stop)


async def _sleep(seconds: float, *awaken: asyncio.Event | None) -> None:
    waits = [asyncio.create_task(event.wait()) for event in awaken if event is not None]
    try:
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
