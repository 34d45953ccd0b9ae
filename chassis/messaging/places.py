"""Where a consumer is in its topics: its own database says so, and the log is compared with it before anything is applied."""

import asyncio
import logging
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

from chassis.clock import Clock
from chassis.database.engine import Database
from chassis.messaging.codec import recorded_at
from chassis.messaging.envelope import Batch, Delivery, TopicPartition
from chassis.messaging.holes import look_for_holes, waiting_topics
from chassis.messaging.inbox import began_at, expect_partitions, kept_positions
from chassis.messaging.log import Log, Subscription

logger = logging.getLogger(__name__)

GRACE = timedelta(hours=1)
"""How long before a consumer's first look a message may be recorded and still be news: the services of a new installation start
one after the other."""
WORD_SECONDS = 2.0
"""How often the database is asked whether an operator has given the word that a topic waits for."""


class Places:
    """The places of one consumer, as far as this process knows them."""

    def __init__(self, database: Database, log: Log, consumer: str, clock: Clock) -> None:
        self.waiting: set[str] = set()
        """The topics with a hole, in which nothing may be read before somebody has given a word."""
        self._database = database
        self._log = log
        self._consumer = consumer
        self._clock = clock
        self._next: dict[TopicPartition, int] = {}
        self._gone_back: dict[TopicPartition, int] = {}
        self._began: Mapping[str, datetime] = {}

    async def look(self, partitions: Collection[TopicPartition]) -> Mapping[TopicPartition, int]:
        """Where each partition goes on, holes noticed."""
        async with self._database.transaction() as session:
            await expect_partitions(session, self._consumer, partitions, self._clock())
            self._began = await began_at(session, self._consumer)
        kept = await self._kept(partitions)
        lost = await self._log.lost(kept)
        async with self._database.transaction() as session:
            self.waiting = await look_for_holes(session, self._consumer, lost, self._clock())
        self._next = await self._kept(partitions)
        return self._next

    async def word(self) -> None:
        """Return when a topic that waits may be read; where none waits, never."""
        if not self.waiting:
            await asyncio.Event().wait()
        found = self.waiting
        while found == self.waiting:
            await asyncio.sleep(WORD_SECONDS)
            async with self._database.reading() as session:
                found = await waiting_topics(session, self._consumer)

    async def follow(self, batch: Batch, subscription: Subscription) -> bool:
        """Whether the batch goes on where the database is; if not, it must not be applied, and is to be read anew.

        What jumped over messages that are gone is a hole, noticed by the next `look`. What jumped over messages that are still
        there was led by the group's offsets, which are ahead of a database that was restored: they are set back.
        """
        suspect = {key for key, begin in batch.begins.items() if begin > self._next.get(key, 0)}
        if not suspect:
            return True
        # Another process may have read on before the partition came to this one.
        kept = await self._kept(suspect)
        self._next |= kept
        passed = {key: kept.get(key, 0) for key in suspect if batch.begins[key] > kept.get(key, 0)}
        if await self._log.lost(passed):
            return False
        # Places may have gaps of their own, so nobody goes back twice to the same.
        back = {key: position for key, position in passed.items() if self._gone_back.get(key) != position}
        if not back:
            return True
        logger.warning("%s is behind its group's offsets in %d partitions: reads again", self._consumer, len(back))
        self._gone_back |= back
        await subscription.commit(back)
        return False

    def news(self, batch: Batch) -> Batch:
        """The batch without what was recorded before this consumer read the topic for the first time."""

        def is_new(delivery: Delivery) -> bool:
            began, recorded = self._began.get(delivery.topic), recorded_at(delivery)
            return began is None or recorded is None or recorded >= began - GRACE

        return batch._replace(deliveries=[delivery for delivery in batch.deliveries if is_new(delivery)])

    def passed(self, positions: Mapping[TopicPartition, int]) -> None:
        """Everything before these is applied."""
        self._next |= positions

    async def _kept(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        wanted = set(partitions)
        async with self._database.transaction() as session:
            kept = await kept_positions(session, self._consumer)
        return {key: position for key, position in kept.items() if key in wanted}
