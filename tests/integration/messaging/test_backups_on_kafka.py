"""What a backup keeps of Kafka, and where consumers go on after a restore."""

import asyncio
import shutil
import uuid
from datetime import UTC, datetime

import pytest

from chassis.database.engine import Database
from chassis.messaging.dispatch import Dispatcher
from chassis.messaging.envelope import Batch
from chassis.messaging.inbox import keep_progress, kept_positions
from chassis.messaging.kafka import KafkaLog, KafkaOptions
from qunxue.backups.in_flight import KafkaSide, read_deliveries, write_deliveries
from qunxue.command import CommandFailed
from tests.support.messaging import TOPIC, World, assert_each_once_in_order, counting, create, sqlite_url, tables
from tests.support.waiting import eventually

pytestmark = pytest.mark.kafka

LEDGER = "ledger"


@pytest.fixture
async def world(kafka_broker, tmp_path):
    log = KafkaLog(KafkaOptions((kafka_broker.bootstrap,), {}, prefix=f"b{uuid.uuid4().hex[:10]}."))
    made = World(await create(sqlite_url(tmp_path, "publisher")), await create(sqlite_url(tmp_path, "consumer")), log)
    yield made
    await made.close()


@pytest.fixture
async def side(world):
    made = await asyncio.to_thread(KafkaSide, world.log.options)
    yield made
    await asyncio.to_thread(made.close)


async def positions(world):
    async with world.consumer.reading() as session:
        return await kept_positions(session, LEDGER)


async def sent(world, number):
    """Publish so many, and return when Kafka has them."""
    await world.publish(number)
    async with world.relaying():
        await world.drained()


async def in_flight(side, world, path):
    ends = await asyncio.to_thread(side.ends, [TOPIC])
    batches = side.between(await positions(world), ends)
    return await asyncio.to_thread(write_deliveries, path, batches)


async def test_what_was_sent_and_not_applied_is_kept_and_can_be_applied(world, side, tmp_path):
    await sent(world, 60)
    async with world.consuming():
        await world.applied(60)
    await sent(world, 40)
    assert await in_flight(side, world, tmp_path / "messages.gz") == 40
    dispatcher = Dispatcher(world.consumer, counting(), LEDGER)
    for batch in read_deliveries(tmp_path / "messages.gz", 7):
        await dispatcher.apply(Batch(batch, {}, {}))
    assert_each_once_in_order(await world.entries(), world.things)


async def test_a_consumer_that_applied_everything_leaves_nothing_under_way(world, side, tmp_path):
    await sent(world, 30)
    async with world.consuming():
        await world.applied(30)
    assert await in_flight(side, world, tmp_path / "messages.gz") == 0


async def test_what_is_under_way_is_read_for_one_service_after_the_other(world, side, tmp_path):
    await sent(world, 30)
    assert [await in_flight(side, world, tmp_path / f"{n}.gz") for n in range(3)] == [30, 30, 30]


async def test_before_the_first_message_there_is_nothing_to_keep(world, side, tmp_path):
    assert await in_flight(side, world, tmp_path / "messages.gz") == 0
    assert list(read_deliveries(tmp_path / "messages.gz", 10)) == []


async def test_a_restored_database_reads_again_what_came_after_it_and_applies_nothing_twice(world, side, tmp_path):
    await sent(world, 60)
    async with world.consuming():
        await world.applied(60)
    kept = shutil.copy(await _closed(world), tmp_path / "kept.sqlite")
    await sent(world, 40)
    async with world.consuming():
        await world.applied(100)
    await world.consumer.dispose()
    shutil.copy(kept, tmp_path / "consumer.sqlite")
    world.consumer = Database(sqlite_url(tmp_path, "consumer"), tables)
    assert await world.entry_count() == 60
    await _moved(side, await positions(world))
    async with world.consuming():
        await world.applied(100)
    assert_each_once_in_order(await world.entries(), world.things)


async def test_a_group_moved_to_the_end_skips_what_nobody_knows_of_any_more(world, side):
    await sent(world, 50)
    ends = await asyncio.to_thread(side.ends, [TOPIC])
    assert await _moved(side, ends) == ends
    async with world.consumer.transaction() as session:
        # The database decides where a consumer is; a restore moves both.
        await keep_progress(session, LEDGER, ends, {}, datetime.now(UTC))
    await sent(world, 10)
    async with world.consuming():
        await world.applied(10)
    assert {entry.version for entry in await world.entries()} & set(range(1, 7)) == set()


async def test_a_place_the_log_no_longer_has_is_the_nearest_that_it_has(world, side):
    await sent(world, 20)
    ends = await asyncio.to_thread(side.ends, [TOPIC])
    assert await _moved(side, {key: end + 1000 for key, end in ends.items()}) == ends


async def test_a_group_in_use_is_told_apart_and_not_moved(world, side):
    await sent(world, 5)
    async with world.consuming():
        await world.applied(5)
        with pytest.raises(CommandFailed, match="worker is running"):
            await asyncio.to_thread(side.check_idle, LEDGER)
    await _idle(side)


async def _closed(world):
    path = world.consumer.url.database
    await world.consumer.dispose()
    return path


async def _moved(side, wanted):
    await _idle(side)
    return await asyncio.to_thread(side.move_group, LEDGER, wanted)


async def _idle(side):
    async def idle():
        try:
            await asyncio.to_thread(side.check_idle, LEDGER)
        except CommandFailed:
            return False
        return True

    await eventually(idle, what="the group is empty")
