"""What a log must do: the durable local one and Kafka do it alike, and one test suite says so."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from chassis.messaging.envelope import Batch, Record, TopicPartition

PARTITIONS = 12
RETENTION_DAYS = 14
MARK_SUFFIX = ".relay.passed.v1"
"""The end of the type of a mark on Kafka, a message of no interest to anyone but consumers' machinery."""


class LogUnavailableError(Exception):
    """The log cannot be reached or did not take everything; the same work may succeed later."""


class Producer(Protocol):
    """Appends records. After an error, make a new one and begin again at the lowest record not yet acknowledged."""

    async def send(self, records: Sequence[Record]) -> None:
        """Append all, in order per key; return when the log has acknowledged every one, else raise."""

    async def mark(self, topics: Sequence[str], up_to: datetime) -> None:
        """Tell consumers that whatever the topics' owner recorded until then has been sent."""

    async def close(self) -> None:
        """Drop what is not yet sent; the outbox still has it."""


class Subscription(Protocol):
    """What one consumer reads; a record is delivered again unless its position was committed."""

    async def poll(self) -> Batch:
        """Wait for records or marks. Cancel it to stop waiting: nothing is lost."""

    async def commit(self, positions: Mapping[TopicPartition, int]) -> None:
        """Say that everything before these positions is applied, after the database has committed it."""

    def turned_at(self) -> float:
        """When what reads in the background last came round, on the monotonic clock."""

    def lag(self) -> Mapping[TopicPartition, int]:
        """How many records (the local log: at most) wait in each partition that is read here."""

    async def close(self) -> None:
        """Leave; others may take over at once."""


class Silence:
    """What is read where there is nothing to read."""

    async def poll(self) -> Batch:
        never: asyncio.Future[Batch] = asyncio.get_running_loop().create_future()
        return await never

    async def commit(self, positions: Mapping[TopicPartition, int]) -> None:
        """Nothing was."""

    def turned_at(self) -> float:
        return time.monotonic()

    def lag(self) -> Mapping[TopicPartition, int]:
        return {}

    async def close(self) -> None:
        """Nothing is held."""


class Log(Protocol):
    """Where messages travel."""

    async def ensure_topics(self, topics: Sequence[str]) -> Mapping[str, int]:
        """Make the topics that are not there; how many partitions each has. Waits for as long as the log is unreachable."""

    async def producer(self) -> Producer:
        """A producer; waits for as long as the log is unreachable."""

    async def lost(self, positions: Mapping[TopicPartition, int]) -> Mapping[TopicPartition, int]:
        """Of which partitions something from these positions on was deleted, and where each begins now."""

    async def subscribe(
        self, consumer: str, topics: Sequence[str], positions: Mapping[TopicPartition, int]
    ) -> Subscription:
        """Read topics as one consumer; `positions` as the consumer's own database has them."""

    async def close(self) -> None:
        """Release what is held."""
