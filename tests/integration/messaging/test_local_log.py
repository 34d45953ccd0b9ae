"""What the durable local log promises beyond what both logs do."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from chassis.messaging.envelope import Batch, Record, TopicPartition
from chassis.messaging.local_file import POLL_RECORDS
from chassis.messaging.local_log import LocalLog, LocalSubscription
from chassis.messaging.partitioner import partition_of
from tests.support.waiting import eventually

TOPIC = "qunxue.testing"
DAY = 86_400


@pytest.fixture
async def log(tmp_path: Path) -> AsyncIterator[LocalLog]:
    made = LocalLog(tmp_path / "log.sqlite")
    yield made
    await made.close()


def a_record(number: int, *, topic: str = TOPIC) -> Record:
    return Record(
        topic, f"key {number % 5}".encode(), f"{number}".encode(), (("h", b"\xff\x00"),), str(UUID(int=number))
    )


async def append(log: LocalLog, *numbers: int, topic: str = TOPIC) -> None:
    await (await log.producer()).send([a_record(number, topic=topic) for number in numbers])


async def read(subscription: LocalSubscription, *, commit: bool = True) -> tuple[list[int], Batch]:
    batch = await asyncio.wait_for(subscription.poll(), 60)
    if commit:
        await subscription.commit(batch.positions)
    return [int(delivery.value) for delivery in batch.deliveries], batch


async def test_a_record_is_appended_once(log: LocalLog):
    await append(log, 1, 2)
    await append(log, 2, 3)
    found, _ = await read(await log.subscribe("c", [TOPIC], {}))
    assert found == [1, 2, 3]


async def test_bytes_come_back_as_they_were(log: LocalLog):
    await append(log, 1)
    _, batch = await read(await log.subscribe("c", [TOPIC], {}))
    (delivery,) = batch.deliveries
    assert (delivery.key, delivery.headers) == (b"key 1", (("h", b"\xff\x00"),))
    assert delivery.partition == partition_of(b"key 1", 12)


async def test_reading_goes_on_where_the_consumers_database_says(log: LocalLog):
    await append(log, *range(10))
    _, batch = await read(await log.subscribe("c", [TOPIC], {}))
    half = {TopicPartition(d.topic, d.partition): d.offset + 1 for d in batch.deliveries[:5]}
    found, _ = await read(await log.subscribe("c", [TOPIC], half))
    assert found == [5, 6, 7, 8, 9]


async def test_partitions_at_different_places_repeat_and_skip_nothing(log: LocalLog):
    await append(log, *range(20))
    _, batch = await read(await log.subscribe("c", [TOPIC], {}))
    ahead = next(d for d in batch.deliveries if d.value == b"15")
    positions = {TopicPartition(TOPIC, ahead.partition): ahead.offset + 1}
    found, _ = await read(await log.subscribe("c", [TOPIC], positions))
    passed = {d.value for d in batch.deliveries if d.partition == ahead.partition and d.offset <= ahead.offset}
    assert found == [n for n in range(20) if str(n).encode() not in passed]


async def test_positions_past_the_end_belong_to_a_lost_file_and_hide_nothing(log: LocalLog):
    await append(log, 1, 2)
    positions = {TopicPartition(TOPIC, n): 2**62 for n in range(12)}
    found, _ = await read(await log.subscribe("c", [TOPIC], positions))
    assert found == [1, 2]


async def test_a_new_file_begins_past_the_places_of_the_old_one(log: LocalLog, tmp_path: Path):
    await append(log, *range(10))
    _, batch = await read(await log.subscribe("c", [TOPIC], {}))
    # Places begin at the milliseconds of the clock.
    last = batch.deliveries[-1].offset
    await eventually(lambda: time.time_ns() // 1_000_000 > last)
    new = LocalLog(tmp_path / "new.sqlite")
    await append(new, 11)
    found, _ = await read(await new.subscribe("c", [TOPIC], batch.positions))
    await new.close()
    assert found == [11]


async def test_topics_not_asked_for_are_not_delivered(log: LocalLog):
    await append(log, *range(600), topic="qunxue.other")
    await append(log, 1000)
    found, _ = await read(await log.subscribe("c", [TOPIC], {}))
    assert found == [1000]


async def test_a_waiting_consumer_wakes_at_once_and_does_not_poll(log: LocalLog, monkeypatch: pytest.MonkeyPatch):
    subscription = await log.subscribe("c", [TOPIC], {})
    waiting = asyncio.create_task(subscription.poll())
    await eventually(lambda: not subscription.news.is_set())
    reads = 0
    original = LocalSubscription._read

    async def counted(self: LocalSubscription) -> Batch:
        nonlocal reads
        reads += 1
        return await original(self)

    monkeypatch.setattr(LocalSubscription, "_read", counted)
    await append(log, 1)
    assert len((await asyncio.wait_for(waiting, 60)).deliveries) == 1
    assert reads == 1


async def test_a_cancelled_wait_loses_nothing(log: LocalLog):
    subscription = await log.subscribe("c", [TOPIC], {})
    for number in range(20):
        waiting = asyncio.create_task(subscription.poll())
        await append(log, number)
        waiting.cancel()
        await asyncio.wait({waiting})
        if not waiting.cancelled():
            await subscription.commit(waiting.result().positions)
            break
    else:
        found, _ = await read(subscription)
        assert found == list(range(20))


async def test_old_records_go_when_every_consumer_has_read_them(log: LocalLog):
    await append(log, *range(10))
    fast, slow = await log.subscribe("fast", [TOPIC], {}), await log.subscribe("slow", [TOPIC], {})
    await read(fast)
    later = time.time() + 15 * DAY
    assert await log.trim(later) == 0
    await read(slow)
    assert await log.trim(time.time()) == 0
    assert await log.trim(later) == 10


async def test_a_consumer_that_is_not_running_still_keeps_what_it_has_not_read(log: LocalLog):
    away = await log.subscribe("away", [TOPIC], {})
    await away.close()
    await append(log, 1)
    await read(await log.subscribe("here", [TOPIC], {}))
    later = time.time() + 15 * DAY
    assert await log.trim(later) == 0
    await log.forget("away")
    assert await log.trim(later) == 1


async def test_a_mark_comes_after_what_it_speaks_of(log: LocalLog):
    subscription = await log.subscribe("c", [TOPIC], {})
    producer = await log.producer()
    await append(log, *range(POLL_RECORDS + 100))
    moment = datetime.now(UTC)
    await producer.mark([TOPIC], moment)
    first, batch = await read(subscription)
    assert (len(first), batch.marks) == (POLL_RECORDS, {})
    rest, batch = await read(subscription)
    assert len(rest) == 100
    assert batch.marks == {TopicPartition(TOPIC, n): moment for n in range(12)}


WRITER = """
import asyncio, sys
from pathlib import Path
from chassis.messaging.envelope import Record
from chassis.messaging.local_file import POLL_RECORDS
from chassis.messaging.local_log import LocalLog

async def main():
    producer = await LocalLog(Path(sys.argv[1])).producer()
    number = 0
    while True:
        await producer.send([Record("qunxue.testing", b"k", str(n).encode(), (), f"id-{n}") for n in range(number, number + 10)])
        number += 10
        print(number, flush=True)

asyncio.run(main())
"""


async def test_what_was_acknowledged_is_there_after_a_kill(tmp_path: Path):
    path = tmp_path / "killed.sqlite"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", WRITER, str(path), stdout=asyncio.subprocess.PIPE, env={**os.environ, "PYTHONPATH": "."}
    )
    assert process.stdout is not None
    acknowledged = 0
    while acknowledged < 300:
        acknowledged = int(await process.stdout.readline())
    process.send_signal(signal.SIGKILL)
    rest = (await process.stdout.read()).split()
    await process.wait()
    acknowledged = int(rest[-1]) if rest else acknowledged
    log = LocalLog(path)
    subscription = await log.subscribe("c", [TOPIC], {})
    found: list[int] = []
    while len(found) < acknowledged:
        found += (await read(subscription))[0]
    await log.close()
    assert found[:acknowledged] == list(range(acknowledged))
