"""The loop that reads the log and has it applied."""

import asyncio
import contextlib
import logging
import random
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, TypeVar

from chassis.clock import Clock, system_clock
from chassis.database.engine import Database
from chassis.database.errors import is_transient
from chassis.messaging import metrics
from chassis.messaging.dead_letters import describe
from chassis.messaging.dispatch import Dispatcher
from chassis.messaging.envelope import Batch, TopicPartition
from chassis.messaging.handlers import Handlers
from chassis.messaging.log import Log, LogUnavailableError, Silence, Subscription
from chassis.messaging.places import Places
from chassis.turns import LOOK_SECONDS, come_round

ResultT = TypeVar("ResultT")

logger = logging.getLogger(__name__)

GRACE_SECONDS = 8.0
_RETRY = (0.1, 10.0)


class MessageConsumer:
    """Reads, as the consumer `name`, every topic its handlers need, and goes on after any failure where it stopped.

    Several processes may run the same consumer on Kafka: they share the partitions. One that takes `news_only` passes over what was
    recorded before it read the topic for the first time.
    """

    def __init__(
        self,
        database: Database,
        log: Log,
        handlers: Handlers,
        *,
        name: str,
        clock: Clock = system_clock,
        news_only: bool = False,
    ) -> None:
        self.name = name
        self._database = database
        self._log = log
        self._handlers = handlers
        self._dispatcher = Dispatcher(database, handlers, name, clock=clock)
        self._places = Places(database, log, name, clock)
        self._news_only = news_only
        self._stopping = False

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop`; then finish the batch in hand within 8 s, or leave it to the next start."""
        if not self._handlers.topics():
            await stop.wait()
            return
        work = asyncio.create_task(self._work(stop), name=f"consumer-{self.name}")
        stopped = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({work, stopped}, return_when=asyncio.FIRST_COMPLETED)
            self._stopping = True
            await asyncio.wait({work}, timeout=GRACE_SECONDS)
        finally:
            for task in (work, stopped):
                task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await work

    async def _work(self, stop: asyncio.Event) -> None:
        failures = 0
        while not self._stopping:
            try:
                subscription = await self._subscribe(stop)
                if subscription is not None:
                    async with self._until_word(stop) as over:
                        await self._consume(subscription, stop, over)
                failures = 0
            except Exception as error:  # noqa: BLE001 - whatever it is, the messages must go on being read
                failures += 1
                self._report(error)
                await self._pause(failures, stop)

    async def _subscribe(self, stop: asyncio.Event) -> Subscription | None:
        topics = self._handlers.topics()

        async def subscribe() -> Subscription:
            found = await self._log.ensure_topics(topics)
            positions = await self._places.look(
                [TopicPartition(topic, n) for topic, number in found.items() for n in range(number)]
            )
            readable = [topic for topic in topics if topic not in self._places.waiting]
            return await self._log.subscribe(self.name, readable, positions) if readable else Silence()

        return await _unless(stop, subscribe(), come_round)

    @contextlib.asynccontextmanager
    async def _until_word(self, stop: asyncio.Event) -> AsyncIterator[asyncio.Event]:
        """An event that is set when somebody has given the word that a topic waited for, or when told to stop."""
        over = asyncio.Event()
        waits = [asyncio.create_task(self._places.word()), asyncio.create_task(stop.wait())]
        for wait in waits:
            wait.add_done_callback(lambda _: over.set())
        try:
            yield over
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)

    async def _consume(self, subscription: Subscription, stop: asyncio.Event, over: asyncio.Event) -> None:
        """Read until `over`, or until the log and the database disagree about where to go on."""
        try:
            while not self._stopping:
                batch = await _unless(over, subscription.poll(), lambda: come_round(subscription.turned_at()))
                if batch is None or not await self._places.follow(batch, subscription):
                    return
                began = time.monotonic()
                if not await self._apply(self._places.news(batch) if self._news_only else batch, stop):
                    return
                self._places.passed(batch.positions)
                await subscription.commit(batch.positions)
                self._measure(batch, subscription, time.monotonic() - began)
        finally:
            await subscription.close()

    async def _apply(self, batch: Batch, stop: asyncio.Event) -> bool:
        """Apply it however long it takes; False when told to stop before it could be. The log's side stays alive."""
        attempt = 0
        while True:
            try:
                await self._dispatcher.apply(batch)
            except Exception as error:  # noqa: BLE001 - dropping messages is the one thing that must not happen
                attempt += 1
                metrics.RETRIES.labels(self.name).inc()
                self._report(error)
                await self._pause(attempt, stop)
                if self._stopping:
                    return False
            else:
                return True

    def _measure(self, batch: Batch, subscription: Subscription, seconds: float) -> None:
        if batch.deliveries:
            metrics.BATCH_SECONDS.labels(self.name).observe(seconds)
        topics: dict[str, int] = {}
        for delivery in batch.deliveries:
            topics[delivery.topic] = topics.get(delivery.topic, 0) + 1
        for topic, number in topics.items():
            metrics.CONSUMED.labels(self.name, topic).inc(number)
        waiting: dict[str, int] = {}
        for key, lag in subscription.lag().items():
            waiting[key.topic] = waiting.get(key.topic, 0) + lag
        for topic, number in waiting.items():
            metrics.LAG.labels(self.name, topic).set(number)

    def _report(self, error: Exception) -> None:
        come_round()
        expected = isinstance(error, LogUnavailableError) or is_transient(error)
        logger.warning("%s tries again: %s", self.name, describe(error), exc_info=None if expected else error)

    async def _pause(self, attempt: int, stop: asyncio.Event) -> None:
        longest: float = min(_RETRY[0] * 2 ** min(attempt, 10), _RETRY[1])
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(random.uniform(0.5, 1.0) * longest):
                await stop.wait()
                self._stopping = True


async def _unless(
    stop: asyncio.Event, work: Coroutine[Any, Any, ResultT], meanwhile: Callable[[], None]
) -> ResultT | None:
    """The result of `work`, or None when `stop` came first and the work was cancelled; `meanwhile` now and then."""
    task = asyncio.create_task(work)
    stopped = asyncio.create_task(stop.wait())
    try:
        while not (await asyncio.wait({task, stopped}, timeout=LOOK_SECONDS, return_when=asyncio.FIRST_COMPLETED))[0]:
            meanwhile()
        return task.result() if task.done() else None
    finally:
        stopped.cancel()
        if not task.done():
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
