"""Reading from Kafka: one KafkaConsumer in one thread.

The thread alone touches the client. It hands batches to the event loop, keeps polling with its partitions paused while they
are being applied, which keeps its place in the group, and commits only what the database has committed. A rebalance needs no
listener: what the new owner reads again, the inbox knows.
"""

import asyncio
import contextlib
import logging
import queue
import random
import threading
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import kafka
from kafka import KafkaConsumer
from kafka.errors import KafkaError

from chassis.messaging.envelope import Batch, Delivery, TopicPartition, owner_of
from chassis.messaging.log import MARK_SUFFIX

logger = logging.getLogger(__name__)

POLL_RECORDS = 500
_AHEAD = 2
"""Batches handed over and not yet committed: one being applied, one ready, so that decoding overlaps with the database."""
_POLL_MS = 200
_PAUSED_SECONDS = 0.1
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
    # A little of every partition at a time, so that a backlog is read in about the order in which it was written: what comes
    # late makes folds do their work again. At the default of 1 MiB a whole day of one partition came before the next.
    "max_partition_fetch_bytes": 16384,
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
        self._out = 0
        self._thread = threading.Thread(target=self._work, name="kafka-consumer", daemon=True)
        self._thread.start()

    async def poll(self) -> Batch:
        return await self._batches.get()

    async def commit(self, positions: Mapping[TopicPartition, int]) -> None:
        self._commits.put(positions)

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
            began = time.monotonic()
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
        consumer = KafkaConsumer(**self._settings)
        try:
            self._await_topics(consumer)
            consumer.subscribe(self._topics)
            # Offsets of batches handed over by an earlier client are committed by this one, or read again.
            while not self._stopping.is_set():
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
            if self._stopping.wait(_PAUSED_SECONDS):
                return

    def _fetch(self, consumer: Any) -> None:
        paused = consumer.paused()
        if paused:
            consumer.resume(*paused)
        found = consumer.poll(timeout_ms=_POLL_MS)
        if found:
            self._hand_over(consumer, found)

    def _stay_alive(self, consumer: Any) -> None:
        """Poll with everything paused, and wait for the event loop in between."""
        consumer.pause(*consumer.assignment())
        found = consumer.poll(timeout_ms=0)
        if found:
            # A rebalance inside this poll brought partitions that were not paused yet.
            self._hand_over(consumer, found)
        with contextlib.suppress(queue.Empty):
            self._commit(consumer, self._commits.get(timeout=_PAUSED_SECONDS))

    def _hand_over(self, consumer: Any, found: Mapping[Any, Sequence[Any]]) -> None:
        batch = _batch(found, self._prefix)
        assigned = {TopicPartition(p.topic.removeprefix(self._prefix), p.partition) for p in consumer.assignment()}
        lag = {key: waiting for key, waiting in self._lag.items() if key in assigned}
        for partition in found:
            end = consumer.highwater(partition) if partition in consumer.assignment() else None
            key = TopicPartition(partition.topic.removeprefix(self._prefix), partition.partition)
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


def _committed(_offsets: Any, answer: Any) -> None:
    if isinstance(answer, Exception):
        logger.info("offsets were not committed: %s", answer)


def _batch(found: Mapping[Any, Sequence[Any]], prefix: str) -> Batch:
    deliveries: list[Delivery] = []
    positions: dict[TopicPartition, int] = {}
    marks: dict[TopicPartition, datetime] = {}
    for partition, records in found.items():
        key = TopicPartition(partition.topic.removeprefix(prefix), partition.partition)
        positions[key] = records[-1].offset + 1
        for record in records:
            # Marks alone have no key.
            up_to = _mark(key.topic, record.headers) if record.key is None else None
            if up_to is not None:
                marks[key] = up_to
            else:
                deliveries.append(
                    Delivery(*key, record.offset, record.key, record.value or b"", tuple(record.headers or ()))
                )
    return Batch(deliveries, positions, marks)


def _mark(topic: str, headers: Sequence[tuple[str, bytes]]) -> datetime | None:
    attributes = dict(headers)
    source = owner_of(topic)
    type_name = source[1:].replace("/", ".") + MARK_SUFFIX
    if attributes.get("ce_type") != type_name.encode() or attributes.get("ce_source") != source.encode():
        return None
    try:
        return datetime.fromisoformat(attributes["ce_time"].decode()).astimezone(UTC)
    except (KeyError, ValueError):
        return None
