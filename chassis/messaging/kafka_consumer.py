"""Reading from Kafka: one KafkaConsumer in one thread.

The thread alone touches the client. It hands batches to the event loop, polls now and then while they are being applied, which
keeps its place in the group, and commits only what the database has committed. After a rebalance the
new owner reads what was not committed again; what was applied, the inbox knows.
"""

import asyncio
import contextlib
import logging
import queue
import random
import threading
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import kafka
from kafka import KafkaConsumer
from kafka.errors import KafkaError
from kafka.structs import MemberState

from chassis.messaging.codec import moment_of
from chassis.messaging.envelope import Batch, Delivery, TopicPartition, owner_of
from chassis.messaging.kafka_clients import built
from chassis.messaging.kafka_records import read_everything
from chassis.messaging.log import MARK_SUFFIX
from chassis.messaging.merging import Merge, Run

logger = logging.getLogger(__name__)

POLL_RECORDS = 1000
_AHEAD = 2
"""Batches handed over and not yet committed: one being applied, one ready, so that decoding overlaps with the database."""
_POLL_MS = 1000
"""How long the thread waits for the broker. Records end the wait; what else there is to do (commits, the end) waits for it."""
_IDLE_POLL_MS = 2000
"""The same where nothing can come to be committed: each wait costs a quarter of a millisecond of CPU, and only the end is later."""
_JOIN_POLL_MS = 200
_MOST_WAITING = 20_000
"""How many records may wait for older ones of other partitions: several answers of the broker about all of them."""
_MERGE_POLL_MS = 5
_MERGE_SECONDS = 0.25
"""How long to wait for a partition that has more, so that the oldest of all comes first; order across partitions is no promise."""
_WAIT_SECONDS = 0.1
_ALIVE_SECONDS = 5.0
_JOIN_SECONDS = 3.0
_TOPICS_SECONDS = 10.0
_RETRY = (0.2, 5.0)
_CLOSE_SECONDS = 3.0

CONSUMER_SETTINGS: dict[str, Any] = {
    "enable_auto_commit": False,
    # A new consumer reads what is there; the default would skip it.
    "auto_offset_reset": "earliest",
    "isolation_level": "read_committed",
    "session_timeout_ms": 10000,
    "heartbeat_interval_ms": 3000,
    "max_poll_records": POLL_RECORDS,
    # Records are sent at once. Until there are any, each asking costs, and other requests of the connection wait so long.
    "fetch_max_wait_ms": 1500,
    # As they lie there, compressed: some hundreds of messages of each partition, so that an answer about all of them finds room.
    "max_partition_fetch_bytes": 32768,
    "allow_auto_create_topics": False,
    "metadata_max_age_ms": 30000,
    "metrics_enabled": False,
}


class KafkaSubscription:
    """What one consumer reads, as one member of its group."""

    def __init__(self, settings: Mapping[str, Any], topics: Sequence[str], *, prefix: str = "") -> None:
        self._settings = {**CONSUMER_SETTINGS, **settings}
        self._prefix = prefix
        self._topics = [prefix + topic for topic in topics]
        self._loop = asyncio.get_running_loop()
        self._batches: asyncio.Queue[Batch] = asyncio.Queue()
        self._commits: queue.SimpleQueue[Mapping[TopicPartition, int] | None] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._ended = asyncio.Event()
        self._lag: dict[TopicPartition, int] = {}
        self._waiting: Merge[Any, Any] = Merge()
        self._read_to: dict[Any, int] = {}
        self._out = 0
        self._polled = 0.0
        self._turned = time.monotonic()
        self._thread = threading.Thread(target=self._work, name="kafka-consumer", daemon=True)
        self._thread.start()

    async def poll(self) -> Batch:
        return await self._batches.get()

    async def commit(self, positions: Mapping[TopicPartition, int]) -> None:
        self._commits.put(positions)

    def turned_at(self) -> float:
        return self._turned

    def lag(self) -> Mapping[TopicPartition, int]:
        return self._lag

    async def close(self) -> None:
        self._stopping.set()
        self._commits.put(None)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_CLOSE_SECONDS + 1):
                await self._ended.wait()

    # --- in the thread -------------------------------------------------------------------------------------------------

    def _work(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            began = self._turned = time.monotonic()
            try:
                self._serve()
            except Exception as error:  # noqa: BLE001 - a client that broke is replaced, whatever broke it
                failures = 1 if time.monotonic() - began > 60 else failures + 1
                logger.warning("the Kafka consumer begins again: %s: %s", type(error).__name__, error)
                longest: float = min(_RETRY[0] * 2 ** min(failures, 10), _RETRY[1])
                self._stopping.wait(random.uniform(0.5, 1.0) * longest)
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._ended.set)

    def _serve(self) -> None:
        self._waiting, self._read_to = Merge(), {}
        read_everything()
        consumer = built(KafkaConsumer, **self._settings)
        try:
            # In this order: a client that joins before it has seen its topics' partitions joins once more when it has.
            consumer.subscribe(self._topics)
            self._await_topics(consumer)
            # Offsets of batches handed over by an earlier client are committed by this one, or read again.
            while not self._stopping.is_set():
                self._turned = time.monotonic()
                self._take_commits(consumer)
                if self._out >= _AHEAD:
                    self._stay_alive(consumer)
                else:
                    self._fetch(consumer)
            self._take_commits(consumer, waiting=True)
        finally:
            consumer.close(autocommit=False, timeout_ms=int(_CLOSE_SECONDS * 1000))

    def _await_topics(self, consumer: Any) -> None:
        """A topic just made may not be known to this broker yet, and joining without it would leave it unread for long."""
        deadline = time.monotonic() + _TOPICS_SECONDS
        while time.monotonic() < deadline and not all(map(consumer.partitions_for_topic, self._topics)):
            if self._stopping.wait(_WAIT_SECONDS):
                return

    def _fetch(self, consumer: Any) -> None:
        """Read on, until of every partition that has more something is at hand; then hand over the oldest."""
        deadline = time.monotonic() + _MERGE_SECONDS
        timeout_ms = 0 if self._waiting else _POLL_MS if self._out else _IDLE_POLL_MS
        while True:
            room = _MOST_WAITING - len(self._waiting)
            # No more than is needed, or what waits would grow as long as there is more; one at a time keeps the group and the
            # client going.
            self._read(consumer, timeout_ms, max(1, room) if self._is_short(consumer) else 1)
            runs = self._waiting.take(POLL_RECORDS, self._unfinished(consumer))
            if not runs and room <= 0:
                # What is waited for cannot come before there is room for it.
                runs = self._waiting.take_from_longest(POLL_RECORDS)
            elif not runs and time.monotonic() > deadline:
                runs = self._waiting.take(POLL_RECORDS)
            if runs:
                self._hand_over(consumer, runs)
            if runs or not self._waiting:
                return
            timeout_ms = _MERGE_POLL_MS

    def _is_short(self, consumer: Any) -> bool:
        return len(self._waiting) < POLL_RECORDS or not all(map(self._waiting.holds, self._unfinished(consumer)))

    def _read(self, consumer: Any, timeout_ms: int, most: int) -> None:
        deadline = time.monotonic() + _JOIN_SECONDS
        self._keep(consumer, consumer.poll(timeout_ms=timeout_ms, max_records=most))
        # While the group rebalances: a poll that does not wait would ask to join again, each time.
        while not _joined(consumer) and time.monotonic() < deadline and not self._stopping.is_set():
            # kafka-python (3.0.12) forgets that it is joining where a change of partitions made it join and the poll that began it
            # came back before the answer: its heart stands still, and every commit is refused from then on.
            consumer._coordinator.request_rejoin()  # noqa: SLF001 - it has no public way
            self._keep(consumer, consumer.poll(timeout_ms=_JOIN_POLL_MS, max_records=most))
        self._polled = time.monotonic()

    def _keep(self, consumer: Any, found: Mapping[Any, Sequence[Any]]) -> None:
        # What was taken away is the new owner's to read. What was taken away and given back within one rebalance goes on where it
        # was, so no listener may forget it.
        for partition in self._read_to.keys() - consumer.assignment():
            self._waiting.drop(partition)
            del self._read_to[partition]
        for partition, records in found.items():
            # Going back: it came back to us and is read from what was committed, or the log has lost its end.
            self._waiting.drop(partition, from_offset=records[0].offset)
            self._waiting.add(partition, records)
            self._read_to[partition] = records[-1].offset + 1

    def _unfinished(self, consumer: Any) -> set[Any]:
        """Partitions that have more in the log than was read, or were not yet asked."""
        found = set()
        for partition in consumer.assignment():
            end = consumer.highwater(partition)
            if end and end > self._read_to.get(partition, 0) and not self._waiting.holds(partition):
                # Not read yet, or its position was moved past what the log no longer has.
                self._read_to[partition] = consumer.position(partition, timeout_ms=_MERGE_POLL_MS) or 0
            if end is None or end > self._read_to.get(partition, 0):
                found.add(partition)
        return found

    def _stay_alive(self, consumer: Any) -> None:
        """Wait for the event loop, and poll now and then: the group drops a member that does not poll, and rebalances.

        Partitions are not paused for it: kafka-python keeps what it had fetched of a paused partition apart, and does not always
        take it back (3.0.12: not as long as another partition's used-up records are the current ones), so that a
        partition may stand still until something new arrives on another. One record at a time does no harm.
        """
        if time.monotonic() - self._polled > _ALIVE_SECONDS or not _joined(consumer):
            self._read(consumer, 0, 1)
        with contextlib.suppress(queue.Empty):
            self._commit(consumer, self._commits.get(timeout=_WAIT_SECONDS))

    def _hand_over(self, consumer: Any, runs: Sequence[Run[Any, Any]]) -> None:
        batch = _batch(runs, self._prefix)
        assigned = {TopicPartition(p.topic.removeprefix(self._prefix), p.partition) for p in consumer.assignment()}
        lag = {key: waiting for key, waiting in self._lag.items() if key in assigned}
        for key in batch.positions.keys() & assigned:
            end = consumer.highwater(kafka.TopicPartition(self._prefix + key.topic, key.partition))
            if end is not None:
                lag[key] = max(0, end - batch.positions[key])
        self._lag = lag
        self._out += 1
        self._loop.call_soon_threadsafe(self._batches.put_nowait, batch)

    def _take_commits(self, consumer: Any, *, waiting: bool = False) -> None:
        with contextlib.suppress(queue.Empty):
            while True:
                self._commit(consumer, self._commits.get_nowait(), waiting=waiting)

    def _commit(self, consumer: Any, positions: Mapping[TopicPartition, int] | None, *, waiting: bool = False) -> None:
        if positions is None:
            return
        self._out -= 1
        offsets = {
            kafka.TopicPartition(self._prefix + key.topic, key.partition): kafka.OffsetAndMetadata(position, "", -1)
            for key, position in positions.items()
        }
        # Losing a commit, or the right to commit, costs nothing but reading the same messages again.
        try:
            if waiting:
                consumer.commit(offsets, timeout_ms=int(_CLOSE_SECONDS * 1000))
            else:
                consumer.commit_async(offsets, callback=_committed)
        except KafkaError as error:
            logger.info("offsets were not committed: %s", error)


def _joined(consumer: Any) -> bool:
    return bool(consumer.group_metadata().state == MemberState.STABLE)


def _committed(_offsets: Any, answer: Any) -> None:
    if isinstance(answer, Exception):
        logger.info("offsets were not committed: %s", answer)


def _batch(runs: Sequence[Run[Any, Any]], prefix: str) -> Batch:
    deliveries: list[Delivery] = []
    positions: dict[TopicPartition, int] = {}
    marks: dict[TopicPartition, datetime] = {}
    begins: dict[TopicPartition, int] = {}
    for partition, records in runs:
        key = TopicPartition(partition.topic.removeprefix(prefix), partition.partition)
        topic, number = key
        begins.setdefault(key, records[0].offset)
        positions[key] = records[-1].offset + 1
        for record in records:
            # Marks alone have no key.
            up_to = _mark(topic, record.headers) if record.key is None else None
            if up_to is not None:
                marks[key] = up_to
            else:
                headers = tuple(record.headers or ())
                deliveries.append(Delivery(topic, number, record.offset, record.key, record.value or b"", headers))
    return Batch(deliveries, positions, marks, begins)


def _mark(topic: str, headers: Sequence[tuple[str, bytes]]) -> datetime | None:
    attributes = dict(headers)
    source = owner_of(topic)
    type_name = source[1:].replace("/", ".") + MARK_SUFFIX
    if attributes.get("ce_type") != type_name.encode() or attributes.get("ce_source") != source.encode():
        return None
    return moment_of(attributes.get("ce_time"))
