"""The reader's thread against a client that does what the test says: how much it holds, in which order it hands over, what it forgets."""

import asyncio
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import Any, NamedTuple

import kafka
import pytest
from kafka.structs import ConsumerGroupMetadata, MemberState

from chassis.messaging import kafka_consumer
from chassis.messaging.kafka_consumer import _MOST_WAITING, KafkaSubscription
from tests.support.waiting import eventually

TOPIC = "qunxue.testing"


class Raw(NamedTuple):
    offset: int
    timestamp: int
    key: bytes = b"k"
    value: bytes = b"{}"
    headers: tuple[tuple[str, bytes], ...] = ()


class Client:
    """A consumer of one topic whose partitions hold `logs`; an answer of the broker brings so many records of each."""

    def __init__(self, logs: dict[int, list[Raw]], an_answer: int = 370) -> None:
        self.logs = {kafka.TopicPartition(TOPIC, number): records for number, records in logs.items()}
        self.assigned = set(self.logs)
        self.positions = dict.fromkeys(self.logs, 0)
        self.fetched: deque[tuple[Any, Raw]] = deque()
        self.an_answer = an_answer
        self.polls: list[int] = []
        self.joining = 0
        self.forgotten = False
        self._coordinator = self

    def subscribe(self, topics: list[str]) -> None: ...

    def request_rejoin(self) -> None:
        self.forgotten = False

    def partitions_for_topic(self, topic: str) -> set[int]:
        return {partition.partition for partition in self.logs}

    def assignment(self) -> set[Any]:
        return set(self.assigned)

    def highwater(self, partition: Any) -> int | None:
        records = self.logs[partition]
        return records[-1].offset + 1 if records else 0

    def position(self, partition: Any, timeout_ms: int) -> int:
        return self.positions[partition]

    def group_metadata(self) -> ConsumerGroupMetadata:
        return ConsumerGroupMetadata(state=MemberState.REBALANCING if self.joining else MemberState.STABLE)

    def poll(self, timeout_ms: int = 0, max_records: int = 500) -> dict[Any, list[Raw]]:
        self.polls.append(timeout_ms)
        if self.joining and timeout_ms and not self.forgotten:
            # A join needs a poll that waits for it.
            self.joining -= 1
            return {}
        if not self.fetched:
            for partition in sorted(self.assigned):
                records = [record for record in self.logs[partition] if record.offset >= self.positions[partition]]
                self.fetched += [(partition, record) for record in records[: self.an_answer]]
        self.fetched = deque((partition, record) for partition, record in self.fetched if partition in self.assigned)
        found: dict[Any, list[Raw]] = {}
        for _ in range(min(max_records, len(self.fetched))):
            partition, record = self.fetched.popleft()
            found.setdefault(partition, []).append(record)
            self.positions[partition] = record.offset + 1
        return found

    def commit_async(self, offsets: Any, callback: Any) -> None: ...

    def commit(self, offsets: Any, timeout_ms: int) -> None: ...

    def close(self, **_: Any) -> None: ...


@pytest.fixture
async def read(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Callable[[Client], KafkaSubscription]]:
    made: list[KafkaSubscription] = []

    def start(client: Client) -> KafkaSubscription:
        monkeypatch.setattr(kafka_consumer, "KafkaConsumer", lambda **_: client)
        made.append(KafkaSubscription({}, [TOPIC]))
        return made[-1]

    yield start
    for subscription in made:
        await subscription.close()


async def deliveries(subscription: KafkaSubscription, number: int) -> list[tuple[int, int]]:
    """So many, as partition and offset."""
    found: list[tuple[int, int]] = []
    while len(found) < number:
        batch = await asyncio.wait_for(subscription.poll(), 120)
        found += [(delivery.partition, delivery.offset) for delivery in batch.deliveries]
        await subscription.commit(batch.positions)
    return found


def in_turn(partitions: int, each: int) -> dict[int, list[Raw]]:
    """One record a millisecond, each partition in its turn."""
    return {number: [Raw(n, n * partitions + number) for n in range(each)] for number in range(partitions)}


SKEWED = {
    "one is all newer": {0: [Raw(n, 1_000_000 + n) for n in range(30_000)], 1: [Raw(n, n) for n in range(30_000)]},
    "one is sparse": {0: [Raw(n, n) for n in range(30_000)], 1: [Raw(n, n * 1000) for n in range(300)]},
}


@pytest.mark.parametrize("an_answer", [370, *(pytest.param(n, marks=pytest.mark.slow) for n in (20, 1500))])
async def test_however_long_the_backlog_it_comes_in_order_and_little_of_it_waits(read, an_answer):
    client = Client(in_turn(12, 5_000), an_answer=an_answer)
    subscription = read(client)
    most = 0
    found: list[tuple[int, int]] = []
    while len(found) < 60_000:
        found += await deliveries(subscription, 1)
        most = max(most, len(subscription._waiting))
    assert [(n % 12, n // 12) for n in range(60_000)] == found
    assert most <= _MOST_WAITING


@pytest.mark.parametrize("logs", SKEWED.values(), ids=SKEWED)
async def test_partitions_of_different_times_are_read_in_order_and_little_waits(read, logs):
    subscription = read(Client(logs))
    number = sum(map(len, logs.values()))
    found: list[tuple[int, int]] = []
    while len(found) < number:
        found += await deliveries(subscription, 1)
        assert len(subscription._waiting) <= _MOST_WAITING
    for partition, records in logs.items():
        assert [offset for other, offset in found if other == partition] == [record.offset for record in records]


async def test_what_waits_of_a_partition_taken_away_is_not_handed_over(read):
    client = Client(in_turn(2, 6_000), an_answer=3_000)
    subscription = read(client)
    await deliveries(subscription, 1000)
    client.assigned = {kafka.TopicPartition(TOPIC, 0)}
    # What was handed over before, then nothing more of the other.
    await deliveries(subscription, 2500)
    assert {partition for partition, _ in await deliveries(subscription, 2000)} == {0}


async def test_a_log_that_lost_its_end_loses_no_more_than_that(read):
    client = Client({0: [Raw(n, n) for n in range(3_500)]}, an_answer=3_500)
    subscription = read(client)
    found = await deliveries(subscription, 1000)
    partition = kafka.TopicPartition(TOPIC, 0)
    # Read up to 3,499, of which much waits; the log ends at 3,200 now, and is written on.
    client.logs[partition] = [Raw(n, n) for n in range(3_200)] + [Raw(n, 10_000 + n) for n in range(3_200, 4_000)]
    client.fetched.clear()
    client.positions[partition] = 3_200
    found += await deliveries(subscription, 3_000)
    assert {offset for _, offset in found} == set(range(4_000))


async def test_a_partition_that_jumped_over_what_expired_holds_nobody_up(read, monkeypatch):
    # Who waited for it would wait until the test fails.
    monkeypatch.setattr(kafka_consumer, "_MERGE_SECONDS", 3600)
    client = Client({0: [Raw(n, n) for n in range(10)], 1: [Raw(n, n) for n in range(10_000)]}, an_answer=100)
    subscription = read(client)
    await deliveries(subscription, 1_000)
    # Everything of it has expired, and the client has moved to its end.
    expired = kafka.TopicPartition(TOPIC, 0)
    client.logs[expired] = [Raw(99, 99)]
    client.positions[expired] = 100
    await deliveries(subscription, 9_000)


async def test_a_group_that_finds_itself_anew_is_waited_for_with_patience(read):
    client = Client(in_turn(3, 3_000), an_answer=1_000)
    subscription = read(client)
    await deliveries(subscription, 1000)
    client.joining = 3
    client.polls.clear()
    await deliveries(subscription, 6_000)
    assert client.joining == 0
    first = next(place for place, timeout in enumerate(client.polls) if timeout)
    # At most one poll that does not wait, then those that do until the group stands.
    assert all(client.polls[first : first + 3])
    assert first <= 2


async def test_a_join_that_the_client_has_forgotten_is_asked_for_again(read):
    client = Client(in_turn(2, 1_000))
    client.joining, client.forgotten = 1, True
    await deliveries(read(client), 2_000)
    assert client.joining == 0


async def test_a_client_that_does_not_come_back_is_seen(read):
    entered, released = threading.Event(), threading.Event()

    class Hanging(Client):
        def poll(self, timeout_ms: int = 0, max_records: int = 500) -> dict[Any, list[Raw]]:
            entered.set()
            released.wait()
            return super().poll(timeout_ms, max_records)

    subscription = read(Hanging({0: []}))
    await asyncio.to_thread(entered.wait)
    stood_still = subscription.turned_at()
    await eventually(lambda: time.monotonic() > stood_still + 0.2)
    assert subscription.turned_at() == stood_still
    released.set()
    await eventually(lambda: subscription.turned_at() > stood_still)
