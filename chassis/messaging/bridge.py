"""From the local log of a single process to Kafka, for other systems of the company."""

import asyncio
import contextlib
import logging
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from chassis.messaging import metrics
from chassis.messaging.dead_letters import describe
from chassis.messaging.envelope import Batch, Record, TopicPartition
from chassis.messaging.local_log import LocalLog, LocalSubscription
from chassis.messaging.log import PARTITIONS, Log, LogUnavailableError, Producer
from chassis.turns import come_round, however_long

logger = logging.getLogger(__name__)

NAME = "kafka"
"""What the local log knows its reader by: nothing is dropped there that Kafka does not have."""
MEASURE_SECONDS = 10.0
TELL_SECONDS = 60.0
GRACE_SECONDS = 2.0
_RETRY = (0.1, 5.0)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What other systems have not been told yet; `count` stops at 100,000."""

    count: int = 0
    oldest_seconds: float = 0.0


class Bridge:
    """Sends every record of some topics on, with its key and headers: in order per key, and at least once.

    Its place lies in the file of the local log, written after Kafka has acknowledged what came before. While Kafka is away the
    records wait there, however long, and nothing else in the process does.
    """

    def __init__(self, log: LocalLog, outside: Log, topics: Sequence[str]) -> None:
        self.waiting = Waiting()
        self._log = log
        self._outside = outside
        self._topics = tuple(topics)
        self._place = 0
        self._failures = 0
        self._told = time.monotonic()

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop`; then send what is there, for 2 s at most, and leave the rest to the next start."""
        tasks = [asyncio.create_task(self._work(), name="bridge"), asyncio.create_task(self._measure())]
        try:
            await stop.wait()
            with contextlib.suppress(TimeoutError, LogUnavailableError):
                async with asyncio.timeout(GRACE_SECONDS):
                    while (await self._look()).count:
                        await asyncio.sleep(0.05)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _work(self) -> None:
        while True:
            try:
                await self._send_all()
            except Exception as error:  # noqa: BLE001 - whatever it is, the messages must go on being sent
                self._failed(error)
                longest: float = min(_RETRY[0] * 2 ** min(self._failures, 10), _RETRY[1])
                await asyncio.sleep(random.uniform(0.5, 1.0) * longest)

    async def _send_all(self) -> None:
        # What Kafka has acknowledged is not sent again because a full disk kept the place from being written.
        self._place = max(self._place, await self._log.kept(NAME))
        await however_long(self._outside.ensure_topics(self._topics))
        producer = await however_long(self._outside.producer())
        subscription = None
        try:
            everywhere = [TopicPartition(topic, number) for topic in self._topics for number in range(PARTITIONS)]
            subscription = await self._log.subscribe(NAME, self._topics, dict.fromkeys(everywhere, self._place))
            while True:
                await self._send(await however_long(subscription.poll()), producer, subscription)
        finally:
            if subscription is not None:
                await subscription.close()
            await producer.close()

    async def _send(self, batch: Batch, producer: Producer, subscription: LocalSubscription) -> None:
        if batch.deliveries:
            records = [Record(one.topic, one.key, one.value, one.headers) for one in batch.deliveries]
            await however_long(producer.send(records))
            for topic, number in Counter(one.topic for one in batch.deliveries).items():
                metrics.BRIDGED.labels(topic).inc(number)
        await subscription.commit(batch.positions)
        self._place = subscription.floor
        if batch.deliveries:
            await self._log.keep(NAME, self._place)
            self._failures = 0

    async def _measure(self) -> None:
        while True:
            with contextlib.suppress(LogUnavailableError):
                self.waiting = await self._look()
                metrics.BRIDGE_WAITING.set(self.waiting.count)
                metrics.BRIDGE_AGE.set(self.waiting.oldest_seconds)
                self._tell()
            await asyncio.sleep(MEASURE_SECONDS)

    async def _look(self) -> Waiting:
        count, since = await self._log.waiting(self._topics, self._place)
        return Waiting(count, max(0.0, time.time() - since) if since is not None else 0.0)

    def _tell(self) -> None:
        now = time.monotonic()
        if self.waiting.oldest_seconds > TELL_SECONDS and now - self._told >= TELL_SECONDS:
            self._told = now
            logger.warning(
                "Kafka does not take what other systems are to be told: %d messages wait, the oldest for %.0f s",
                self.waiting.count,
                self.waiting.oldest_seconds,
            )

    def _failed(self, error: Exception) -> None:
        come_round()
        self._failures += 1
        expected = isinstance(error, LogUnavailableError)
        logger.warning("the bridge to Kafka begins again: %s", describe(error), exc_info=None if expected else error)


async def give_up(log: LocalLog) -> None:
    """Keep nothing for Kafka any more: where it is no longer used, the local log would grow for ever."""
    await log.forget(NAME)
