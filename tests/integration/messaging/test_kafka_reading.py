"""Reading a backlog from Kafka: every record once, the oldest first, whoever joins or leaves the group meanwhile."""

import asyncio
import random
import uuid
from collections import defaultdict
from collections.abc import AsyncIterator

import pytest

from chassis.messaging.envelope import Batch, Record, TopicPartition
from chassis.messaging.kafka import KafkaLog, KafkaOptions

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(600)]

TOPIC = "qunxue.content"
OTHER = "qunxue.membership"
RECORDS = 24_000
AT_ONCE = 200


@pytest.fixture
async def log(kafka_broker) -> AsyncIterator[KafkaLog]:
    made = KafkaLog(KafkaOptions((kafka_broker.bootstrap,), {}, prefix=f"t{uuid.uuid4().hex[:10]}."))
    await made.ensure_topics([TOPIC, OTHER])
    yield made
    await made.close()


async def fill(log: KafkaLog, first: int = 0, number: int = RECORDS) -> None:
    chance = random.Random(first)
    producer = await log.producer()
    for start in range(first, first + number, AT_ONCE):
        await producer.send(
            [
                Record(TOPIC, chance.randbytes(8), b"x" * 400, (("number", str(n).encode()),))
                for n in range(start, start + AT_ONCE)
            ]
        )
        # Times of records have milliseconds: what was written later is to show it.
        await asyncio.sleep(0.002)
    await producer.close()


def numbers(batch: Batch) -> list[int]:
    return [int(dict(delivery.headers)["number"]) for delivery in batch.deliveries]


class Reading:
    """What was read of each partition, checked to be without a gap."""

    def __init__(self) -> None:
        self.offsets: defaultdict[TopicPartition, set[int]] = defaultdict(set)
        self.order: list[int] = []

    def take(self, batch: Batch) -> None:
        for delivery in batch.deliveries:
            known = self.offsets[TopicPartition(delivery.topic, delivery.partition)]
            assert not delivery.offset or delivery.offset - 1 in known
            known.add(delivery.offset)
        self.order += numbers(batch)

    def complete(self, number: int = RECORDS) -> bool:
        return len(set(self.order)) == number


async def test_a_backlog_is_read_once_and_nearly_in_the_order_of_its_writing(log):
    await fill(log)
    reading = Reading()
    subscription = await log.subscribe("reader", [TOPIC, OTHER], {})
    while not reading.complete():
        # Waits for ever where a partition stands still.
        batch = await asyncio.wait_for(subscription.poll(), 120)
        reading.take(batch)
        # Slower than Kafka, so that much waits.
        await asyncio.sleep(0.02)
        await subscription.commit(batch.positions)
    await subscription.close()
    assert len(reading.order) == RECORDS
    # The first fetch may bring some partitions only.
    settled = reading.order[RECORDS // 3 :]
    newest = late = 0
    for number in settled:
        late += number < newest - 2 * AT_ONCE
        newest = max(newest, number)
    assert late < len(settled) // 50


async def test_nothing_is_skipped_when_another_joins_and_leaves(log):
    await fill(log)
    reading = Reading()
    enough = asyncio.Event()

    async def read(batches: int | None) -> None:
        subscription = await log.subscribe("shared", [TOPIC, OTHER], {})
        done = 0
        while not enough.is_set() and (batches is None or done < batches):
            try:
                batch = await asyncio.wait_for(subscription.poll(), 0.5)
            except TimeoutError:
                continue
            reading.take(batch)
            done += 1
            await asyncio.sleep(0.05)
            await subscription.commit(batch.positions)
            if reading.complete():
                enough.set()
        await subscription.close()

    async with asyncio.timeout(300), asyncio.TaskGroup() as group:
        group.create_task(read(None))
        await asyncio.sleep(1.0)
        # One that leaves soon, and one that stays.
        group.create_task(read(2))
        await asyncio.sleep(0.5)
        group.create_task(read(None))
    assert reading.complete()


async def test_what_is_handed_over_and_not_committed_is_read_again_by_the_next(log):
    await fill(log, number=1000)
    first = await log.subscribe("again", [TOPIC], {})
    batch = await asyncio.wait_for(first.poll(), 120)
    await first.close()
    second = await log.subscribe("again", [TOPIC], {})
    reading = Reading()
    while not reading.complete(1000):
        reading.take(await asyncio.wait_for(second.poll(), 120))
        await second.commit({})
    await second.close()
    assert set(numbers(batch)) <= set(reading.order)
