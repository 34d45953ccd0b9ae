"""Publishing the outbox, in order, by one relay per service."""

import asyncio
import contextlib
import logging
import random
import time
from collections import Counter
from collections.abc import Awaitable, Sequence
from datetime import timedelta
from typing import Any

from chassis.clock import system_clock
from chassis.database.engine import Database
from chassis.database.errors import is_transient
from chassis.messaging import metrics
from chassis.messaging.codec import encode
from chassis.messaging.dead_letters import describe
from chassis.messaging.envelope import Message, Record, owner_of
from chassis.messaging.lag import outbox_backlog
from chassis.messaging.log import Log, LogUnavailableError, Producer
from chassis.messaging.outlet import LEASE_SECONDS, Outlet, outlet_of
from chassis.problems import Problem
from chassis.turns import come_round, however_long
from chassis.waking import OWN_SECONDS, asleep

logger = logging.getLogger(__name__)

BATCH = 200
MARK_SECONDS = 10.0
GRACE_SECONDS = 5.0
_POLL = (0.05, 0.25)
_RETRY = (0.1, 5.0)
_STANDBY_SECONDS = 1.0
_MEASURE_SECONDS = 10.0


class Relay:
    """Reads the lowest rows, sends them, and deletes them once every one is acknowledged.

    Whatever fails, it begins again at the lowest row with a new producer: at least once, never out of order. `topics` are all
    that the service writes to; consumers are told on them, every `mark_seconds`, up to when they have seen everything.
    """

    def __init__(
        self,
        database: Database,
        log: Log,
        *,
        service: str,
        topics: Sequence[str],
        batch: int = BATCH,
        mark_seconds: float = MARK_SECONDS,
    ) -> None:
        self.service = service
        self.topics = tuple(topics)
        self._database = database
        self._log = log
        self._batch = batch
        self._mark_seconds = mark_seconds
        self._stopping = False
        self._failures = 0
        self._measured = 0.0

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop`; then publish what is committed, for 5 s at most, and leave the rest to the next start."""
        work = asyncio.create_task(self._work(), name=f"relay-{self.service}")
        stopped = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({work, stopped}, return_when=asyncio.FIRST_COMPLETED)
            self._stopping = True
            self._database.outbox_filled.set()
            await asyncio.wait({work}, timeout=GRACE_SECONDS)
        finally:
            for task in (work, stopped):
                task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await work

    async def _work(self) -> None:
        ready = False
        while not self._stopping:
            try:
                if not ready:
                    await however_long(self._log.ensure_topics(self.topics))
                    ready = True
                async with outlet_of(self._database) as outlet:
                    if await self._take(outlet):
                        await self._publish(outlet)
            except Exception as error:  # noqa: BLE001 - whatever it is, the outbox must go on being published
                self._failed(error)
                await asyncio.sleep(_backoff(self._failures))

    async def _take(self, outlet: Outlet) -> bool:
        """Wait until no other relay holds it; False when told to stop before that."""
        while not await outlet.take():
            if self._stopping:
                return False
            come_round()
            await asyncio.sleep(_STANDBY_SECONDS)
        return True

    async def _publish(self, outlet: Outlet) -> None:
        producer = await however_long(self._log.producer())
        try:
            await self._publish_with(outlet, producer)
        finally:
            await producer.close()

    async def _publish_with(self, outlet: Outlet, producer: Producer) -> None:
        shortest, longest = (OWN_SECONDS, OWN_SECONDS) if self._database.is_sqlite else _POLL
        pause = shortest
        marked = 0.0
        while True:
            # Cleared before the read: a commit after the read sets it again.
            self._database.outbox_filled.clear()
            began = system_clock()
            rows = await outlet.read(self._batch)
            come_round()
            if rows:
                await self._send(outlet, producer, rows)
                self._failures = 0
                pause = shortest
                # Times grow with `seq`, except for transactions that have not committed yet.
                began = rows[-1].recorded_at - timedelta(seconds=1)
            if time.monotonic() - marked >= self._mark_seconds:
                marked = time.monotonic()
                await _holding(outlet, producer.mark(self.topics, began))
            await self._measure(len(rows))
            if self._stopping and len(rows) < self._batch:
                return
            if not rows:
                until_mark = max(0.0, marked + self._mark_seconds - time.monotonic())
                await asleep(min(pause, until_mark), self._database.outbox_filled)
                pause = min(pause * 2, longest)

    async def _send(self, outlet: Outlet, producer: Producer, rows: Sequence[Any]) -> None:
        await _holding(outlet, producer.send([record_of(row) for row in rows]))
        await outlet.delete([row.seq for row in rows])
        for topic, number in Counter(row.topic for row in rows).items():
            metrics.PUBLISHED.labels(self.service, topic).inc(number)

    async def _measure(self, read: int) -> None:
        if read < self._batch:
            metrics.OUTBOX_BACKLOG.labels(self.service).set(0)
            metrics.OUTBOX_AGE.labels(self.service).set(0)
        elif time.monotonic() - self._measured > _MEASURE_SECONDS:
            self._measured = time.monotonic()
            async with self._database.reading() as session:
                backlog = await outbox_backlog(session)
            metrics.OUTBOX_BACKLOG.labels(self.service).set(backlog.count)
            metrics.OUTBOX_AGE.labels(self.service).set(backlog.age_seconds(system_clock()))

    def _failed(self, error: Exception) -> None:
        come_round()
        self._failures += 1
        metrics.RELAY_FAILURES.labels(self.service).inc()
        expected = isinstance(error, (LogUnavailableError, Problem)) or is_transient(error)
        logger.warning(
            "the relay of %s begins again: %s", self.service, describe(error), exc_info=None if expected else error
        )


def record_of(row: Any) -> Record:
    """The record that carries one row of the outbox."""
    message = Message(
        id=str(row.id),
        source=owner_of(row.topic),
        type=row.type,
        subject=row.aggregateid,
        occurred_at=row.occurred_at,
        partition_key=row.partitionkey,
        version=row.aggregateversion,
        recorded_at=row.recorded_at,
        actor=row.actorid,
        data=row.payload.encode(),
        community_id=row.communityid,
        backfill=row.backfill,
        traceparent=row.traceparent,
    )
    return encode(message, row.topic)


def _backoff(failures: int) -> float:
    longest: float = min(_RETRY[0] * 2 ** min(failures, 10), _RETRY[1])
    return random.uniform(0.5, 1.0) * longest


async def _holding(outlet: Outlet, sending: Awaitable[None]) -> None:
    """Wait for the log: a slow one must not cost the lease, and a lost lease must stop the sending."""
    task = asyncio.ensure_future(sending)
    try:
        while not (await asyncio.wait({task}, timeout=LEASE_SECONDS / 3))[0]:
            await outlet.still_held()
            come_round()
        await task
    finally:
        task.cancel()
