"""The messages between the databases at the point of a backup: sent by one service, not yet applied by another."""

import base64
import gzip
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import kafka
import orjson
from kafka import KafkaConsumer
from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError, NoError

from chassis.messaging.envelope import Delivery, TopicPartition
from chassis.messaging.kafka import KafkaOptions
from chassis.messaging.log import PARTITIONS
from qunxue.command import CommandFailed

ResultT = TypeVar("ResultT")

POLL_MS = 500
_PATIENCE_SECONDS = 30.0
_PAUSE_SECONDS = 0.2
IDLE_GROUP = frozenset({"Empty", "Dead"})


class KafkaSide:
    """What a backup asks of Kafka. Blocking: call it in a thread, and from one at a time. Raises `CommandFailed`."""

    def __init__(self, options: KafkaOptions) -> None:
        self._options = options
        self._prefix = options.prefix
        try:
            self._admin = KafkaAdminClient(**options.client())
            self._consumer = KafkaConsumer(
                **options.client(), enable_auto_commit=False, isolation_level="read_committed", metrics_enabled=False
            )
        except (KafkaError, OSError) as error:
            raise CommandFailed(f"Kafka at {','.join(options.bootstrap)} cannot be reached: {error}") from error

    def close(self) -> None:
        """Close the clients."""
        self._consumer.close(autocommit=False)
        self._admin.close()

    def ends(self, topics: Iterable[str]) -> dict[TopicPartition, int]:
        """Where each partition of these topics ends now; topics that are not there are left out."""
        present = set(self._admin.list_topics())
        found: dict[TopicPartition, int] = {}
        # One topic at a time: asked for one that it knows and one that it does not know yet, the client forgets the second.
        for topic in sorted({self._prefix + topic for topic in topics} & present):
            partitions = [kafka.TopicPartition(topic, number) for number in range(PARTITIONS)]
            found |= self._ours(self._consumer.end_offsets(partitions))
        return found

    def between(
        self, starts: Mapping[TopicPartition, int], ends: Mapping[TopicPartition, int]
    ) -> Iterator[Sequence[Delivery]]:
        """What lies from `starts` (a partition without one: from its beginning) up to `ends`, a poll at a time."""
        theirs = {self._their(key): key for key in ends}
        begins = self._ours(self._consumer.beginning_offsets(list(theirs))) if theirs else {}
        first = {key: max(starts.get(key, 0), begins[key]) for key in ends}
        waiting = {their for their, key in theirs.items() if first[key] < ends[key]}
        self._consumer.assign(list(waiting))
        for their in waiting:
            self._consumer.seek(their, first[theirs[their]])
        while waiting:
            for their, records in self._consumer.poll(timeout_ms=POLL_MS).items():
                key = theirs[their]
                # Records without a key are the relay's marks: they concern who reads now.
                yield [
                    Delivery(*key, record.offset, record.key, record.value or b"", tuple(record.headers or ()))
                    for record in records
                    if record.offset < ends[key] and record.key is not None
                ]
            done = {their for their in waiting if self._consumer.position(their) >= ends[theirs[their]]}
            if done:
                waiting -= done
                # Not paused: what kafka-python had fetched of a paused partition may stand in the way when it is read again.
                self._consumer.assign(list(waiting))

    def check_idle(self, consumer: str) -> None:
        """Raises `CommandFailed` while somebody consumes as this group."""
        group = self._prefix + consumer
        described = _patiently(lambda: self._admin.describe_groups([group]))
        state = str(described[group].get("group_state") or "Dead")
        if state not in IDLE_GROUP:
            raise CommandFailed(f"{consumer}'s worker is running (its group is {state}): stop all workers first")

    def move_group(self, consumer: str, positions: Mapping[TopicPartition, int]) -> dict[TopicPartition, int]:
        """Let a group go on at these positions, or as near as the log still has; where it will.

        A consumer goes on where its own database is, so write there where that is, too.
        """
        wanted = {self._their(key): position for key, position in positions.items()}
        if not wanted:
            return {}
        answers = _patiently(lambda: self._admin.reset_group_offsets(self._prefix + consumer, wanted))
        failed = {str(answer["error"].__name__) for answer in answers.values() if answer["error"] is not NoError}
        if failed:
            raise CommandFailed(f"Kafka would not move the group of {consumer}: {', '.join(sorted(failed))}")
        return {
            TopicPartition(their.topic.removeprefix(self._prefix), their.partition): int(answer["offset"])
            for their, answer in answers.items()
        }

    def _their(self, key: TopicPartition) -> Any:
        return kafka.TopicPartition(self._prefix + key.topic, key.partition)

    def _ours(self, offsets: Mapping[Any, int]) -> dict[TopicPartition, int]:
        return {
            TopicPartition(their.topic.removeprefix(self._prefix), their.partition): offset
            for their, offset in offsets.items()
        }


def _patiently(call: Callable[[], ResultT]) -> ResultT:
    """Try again while Kafka says so: a broker just started has no coordinator for groups yet."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            return call()
        except KafkaError as error:
            if not error.retriable or time.monotonic() > deadline:
                raise CommandFailed(f"Kafka would not answer: {type(error).__name__}: {error}") from error
        time.sleep(_PAUSE_SECONDS)


def write_deliveries(path: Path, batches: Iterable[Sequence[Delivery]]) -> int:
    """Keep messages in a file, one JSON object a line; how many."""
    count = 0
    with gzip.open(path, "wb", compresslevel=1) as file:
        for batch in batches:
            for delivery in batch:
                file.write(orjson.dumps(_as_json(delivery)) + b"\n")
            count += len(batch)
    return count


def read_deliveries(path: Path, at_once: int) -> Iterator[list[Delivery]]:
    """What `write_deliveries` kept, so many at a time."""
    batch: list[Delivery] = []
    with gzip.open(path, "rb") as file:
        for line in file:
            batch.append(_from_json(orjson.loads(line)))
            if len(batch) == at_once:
                yield batch
                batch = []
    if batch:
        yield batch


def _as_json(delivery: Delivery) -> dict[str, Any]:
    return {
        "topic": delivery.topic,
        "partition": delivery.partition,
        "offset": delivery.offset,
        "key": None if delivery.key is None else base64.b64encode(delivery.key).decode(),
        "value": base64.b64encode(delivery.value).decode(),
        "headers": [[name, base64.b64encode(value).decode()] for name, value in delivery.headers],
    }


def _from_json(line: Mapping[str, Any]) -> Delivery:
    return Delivery(
        line["topic"],
        line["partition"],
        line["offset"],
        None if line["key"] is None else base64.b64decode(line["key"]),
        base64.b64decode(line["value"]),
        tuple((name, base64.b64decode(value)) for name, value in line["headers"]),
    )
