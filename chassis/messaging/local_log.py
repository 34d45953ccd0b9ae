"""The durable log of a single process: one SQLite file instead of a broker.

It promises what Kafka promises: order per key, delivery at least once, and records kept for 14 days. It goes further in two
ways: a record with an id is appended once, and nothing is dropped that a known consumer has not read. A consumer's position
lies in its own database, in the transaction of the effect, so committing here only moves the floor of retention.
"""

import asyncio
import contextlib
import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from chassis.messaging import local_file
from chassis.messaging.envelope import Batch, Record, TopicPartition
from chassis.messaging.log import PARTITIONS, RETENTION_DAYS, LogUnavailableError
from chassis.threads import WorkerThread

ResultT = TypeVar("ResultT")

_TRIM_SECONDS = 3600.0


class LocalLog:
    """The log of one data directory; share one object among everything in the process.

    Offsets are places in the whole file, so within a partition they grow with gaps, as Kafka's may.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._writer: sqlite3.Connection | None = None
        self._reader: sqlite3.Connection | None = None
        self._write_thread: WorkerThread | None = None
        self._read_thread: WorkerThread | None = None
        self._subscriptions: set[LocalSubscription] = set()
        self._marks: dict[str, datetime] = {}
        self._trimming: asyncio.Task[None] | None = None
        self._opening = asyncio.Lock()

    async def ensure_topics(self, topics: Sequence[str]) -> Mapping[str, int]:
        """Topics need no making here; the file does."""
        await self._open()
        return dict.fromkeys(topics, PARTITIONS)

    async def producer(self) -> "LocalProducer":
        """A producer; there may be any number, the file orders what they append."""
        await self._open()
        return LocalProducer(self)

    async def lost(self, positions: Mapping[TopicPartition, int]) -> Mapping[TopicPartition, int]:
        """See `Log`; a file that is new lost all that an older one had."""
        await self._open()
        return await self._read(lambda connection: local_file.lost(connection, positions))

    async def subscribe(
        self, consumer: str, topics: Sequence[str], positions: Mapping[TopicPartition, int]
    ) -> "LocalSubscription":
        """Read on from `positions`; a partition without one is read from its beginning."""
        await self._open()
        start, valid = await self._read(lambda connection: local_file.start(connection, topics, positions))
        await self._write(lambda connection: local_file.register(connection, consumer))
        subscription = LocalSubscription(self, consumer, topics, start, valid)
        self._subscriptions.add(subscription)
        return subscription

    async def trim(self, now: float | None = None) -> int:
        """Drop what is older than 14 days and was read by every consumer ever seen; how many records.

        A consumer that is gone for good keeps the log from shrinking until it is forgotten.
        """
        await self._open()
        floors = {subscription.consumer: subscription.floor for subscription in self._subscriptions}
        before = (time.time() if now is None else now) - RETENTION_DAYS * 86400
        dropped = 0
        while True:
            rows = await self._write(lambda connection: local_file.trim(connection, floors, before))
            dropped += rows
            if rows < local_file.TRIM_ROWS:
                return dropped

    async def forget(self, consumer: str) -> None:
        """Stop keeping records for a consumer that no longer exists."""
        await self._open()
        await self._write(lambda connection: connection.execute("DELETE FROM consumers WHERE name = ?", (consumer,)))

    async def kept(self, consumer: str) -> int:
        """Where a consumer that keeps its place in the file goes on; 0 for one that is new."""
        await self._open()
        return await self._read(lambda connection: local_file.floor_of(connection, consumer))

    async def keep(self, consumer: str, place: int) -> None:
        """Keep a consumer's place in the file: for one that has no database of its own."""
        await self._write(lambda connection: local_file.keep_floors(connection, {consumer: place}))

    async def waiting(self, topics: Sequence[str], place: int) -> tuple[int, float | None]:
        """How many records of these topics lie behind a place, 100,000 at most, and since when the first, in seconds since 1970."""
        return await self._read(lambda connection: local_file.waiting(connection, topics, place))

    async def close(self) -> None:
        """Close the file; subscriptions and producers end with it."""
        if self._trimming is not None:
            self._trimming.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._trimming
            self._trimming = None
        for thread, connection in ((self._write_thread, self._writer), (self._read_thread, self._reader)):
            if thread is not None and connection is not None:
                await thread.run(connection.close)
                thread.stop()
        self._writer = self._reader = None
        self._write_thread = self._read_thread = None

    async def append(self, records: Sequence[Record]) -> None:
        """Append in one transaction, synced to the disk, and wake who waits."""
        await self._open()
        rows = [local_file.row(record) for record in records]
        await self._write(lambda connection: connection.executemany(local_file.APPEND, rows))
        topics = {record.topic for record in records}
        self._wake(topics)

    def mark(self, topics: Sequence[str], up_to: datetime) -> None:
        """Marks live in memory only: a consumer of this process is the only one they concern."""
        for topic in topics:
            self._marks[topic] = up_to
        self._wake(topics)

    def _wake(self, topics: Iterable[str]) -> None:
        touched = set(topics)
        for subscription in self._subscriptions:
            if touched & subscription.topics:
                subscription.news.set()

    async def _open(self) -> None:
        async with self._opening:
            if self._reader is not None:
                return
            self._write_thread = self._write_thread or WorkerThread("local-log-writer")
            self._read_thread = self._read_thread or WorkerThread("local-log-reader")
            try:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                self._writer = await self._write_thread.run(lambda: local_file.create(self.path))
                self._reader = await self._read_thread.run(
                    lambda: local_file.connect(self.path, "PRAGMA query_only=ON")
                )
            except (OSError, sqlite3.Error) as error:
                raise LogUnavailableError(str(error)) from error
            self._trimming = asyncio.create_task(self._trim_now_and_then())

    async def _trim_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(_TRIM_SECONDS)
            # A full disk must not end the trimming that may make room on it.
            with contextlib.suppress(LogUnavailableError):
                await self.trim()

    async def _write(self, work: Callable[[sqlite3.Connection], ResultT]) -> ResultT:
        thread, connection = self._write_thread, self._writer
        if thread is None or connection is None:
            raise LogUnavailableError("the log is closed")

        def transaction() -> ResultT:
            connection.execute("BEGIN IMMEDIATE")
            try:
                result = work(connection)
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
            return result

        try:
            return await thread.run(transaction)
        except sqlite3.Error as error:
            raise LogUnavailableError(str(error)) from error

    async def _read(self, work: Callable[[sqlite3.Connection], ResultT]) -> ResultT:
        thread, connection = self._read_thread, self._reader
        if thread is None or connection is None:
            raise LogUnavailableError("the log is closed")
        try:
            return await thread.run(lambda: work(connection))
        except sqlite3.Error as error:
            raise LogUnavailableError(str(error)) from error


class LocalProducer:
    """Appends to the file."""

    def __init__(self, log: LocalLog) -> None:
        self._log = log

    async def send(self, records: Sequence[Record]) -> None:
        await self._log.append(records)

    async def mark(self, topics: Sequence[str], up_to: datetime) -> None:
        self._log.mark(topics, up_to)

    async def close(self) -> None:
        """Nothing is held."""


class LocalSubscription:
    """Reads the file in one sweep: `_next` is the place in it from which nothing was read yet."""

    def __init__(
        self,
        log: LocalLog,
        consumer: str,
        topics: Sequence[str],
        start: int,
        positions: Mapping[TopicPartition, int],
    ) -> None:
        self.consumer = consumer
        self.topics = frozenset(topics)
        self.floor = start
        self.news = asyncio.Event()
        self.news.set()
        self._log = log
        self._next = start
        self._end = start
        # Where partitions were at different places when this consumer last ended, some are ahead of the sweep.
        self._ahead = {key: position for key, position in positions.items() if position > start}
        self._marked: dict[str, datetime] = {}
        self._reading_since: float | None = None

    async def poll(self) -> Batch:
        while True:
            await self.news.wait()
            self.news.clear()
            self._reading_since = time.monotonic()
            try:
                batch = await self._read()
            except BaseException:
                # Also when cancelled: the records of this wake-up are still unread.
                self.news.set()
                raise
            finally:
                self._reading_since = None
            if batch.deliveries or batch.marks:
                return batch

    async def _read(self) -> Batch:
        # Marks first: whatever a mark covers was appended before it was set, so this read finds it.
        fresh = {t: m for t in self.topics if (m := self._log._marks.get(t)) and self._marked.get(t) != m}  # noqa: SLF001
        rows, end = await self._log._read(lambda c: local_file.fetch(c, self.topics, self._next))  # noqa: SLF001
        deliveries = [row for row in rows if row.offset >= self._ahead.get(TopicPartition(row.topic, row.partition), 0)]
        complete = len(rows) < local_file.POLL_RECORDS
        self._next = end + 1 if complete else rows[-1].offset + 1
        self._end = end
        positions = {TopicPartition(d.topic, d.partition): d.offset + 1 for d in deliveries}
        if not complete:
            self.news.set()
            return Batch(deliveries, positions, {})
        if fresh:
            # Everything up to the end is read, so every partition may go on from there: old records stay behind.
            everywhere = [TopicPartition(topic, n) for topic in fresh for n in range(PARTITIONS)]
            positions |= dict.fromkeys(everywhere, self._next)
        self._marked.update(fresh)
        marks = {TopicPartition(topic, n): mark for topic, mark in fresh.items() for n in range(PARTITIONS)}
        return Batch(deliveries, positions, marks)

    async def commit(self, positions: Mapping[TopicPartition, int]) -> None:
        # One batch is out at a time, so with it everything read so far is applied.
        self.floor = self._next

    def turned_at(self) -> float:
        return self._reading_since or time.monotonic()

    def lag(self) -> Mapping[TopicPartition, int]:
        waiting = max(0, self._end + 1 - self.floor)
        return {TopicPartition(topic, 0): waiting for topic in self.topics}

    async def close(self) -> None:
        self._log._subscriptions.discard(self)  # noqa: SLF001
        with contextlib.suppress(LogUnavailableError):
            await self._log._write(lambda c: local_file.keep_floors(c, {self.consumer: self.floor}))  # noqa: SLF001
