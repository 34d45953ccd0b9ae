"""Messages that the log deleted before they were read: seen, told, and not jumped over."""

import time
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import kafka
import pytest
from kafka.admin import KafkaAdminClient
from sqlalchemy import Column, Table, Uuid, delete, select, update
from sqlmodel import UTCDateTime
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import upsert
from chassis.messaging.envelope import Received, TopicPartition
from chassis.messaging.handlers import Handlers
from chassis.messaging.holes import Hole, accept, holes, release
from chassis.messaging.inbox import kept_positions
from chassis.messaging.kafka import KafkaLog
from chassis.messaging.lag import as_of, caught_up_at
from chassis.messaging.local_log import LocalLog
from chassis.messaging.outbox import Outgoing
from chassis.messaging.republish import republish
from contracts.base import IntegrationEvent
from tests.support.messaging import TOPIC, Base, World, counting, tables
from tests.support.waiting import eventually

pytestmark = [pytest.mark.fault(21), pytest.mark.timeout(600)]

MARKS = 0.2
DAY = 86_400


class ThingSnapshot(IntegrationEvent, type="testing.thing.snapshot", subject="thing_id"):
    thing_id: UUID


known_things = Table(
    "known_things",
    Base.metadata,
    Column("id", Uuid, primary_key=True),
    Column("told_at", UTCDateTime(), nullable=False),
)


def knowing() -> Handlers:
    """A projection of things, beside the ledger."""
    handlers = counting()

    @handlers.on(ThingSnapshot)
    async def know_things(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
        rows = [{"id": m.data.thing_id, "told_at": m.recorded_at} for m in messages]
        statement = upsert(session, known_things)
        statement = statement.on_conflict_do_update(
            index_elements=[known_things.c.id], set_={"told_at": statement.excluded.told_at}
        )
        await session.execute(statement, rows)

    async def forget(session: AsyncSession, before: datetime) -> None:
        await session.execute(delete(known_things).where(known_things.c.told_at < before))

    handlers.when_restated(ThingSnapshot, forget)
    return handlers


async def expire(world: World, *, read_only: bool = False) -> None:
    """What lies in the log now is past its retention: all of it, or as far as our consumer has read it."""
    if isinstance(log := world.log, LocalLog):
        await log.forget("ledger")
        async with world.consuming(name="other"):
            await eventually(lambda: has_read(world, "other"))
            # In the log their place moves on a moment after what they keep.
            await eventually(lambda: log.trim(time.time() + 15 * DAY))
        await log.forget("other")
        return
    assert isinstance(world.log, KafkaLog)
    options = world.log.options
    client, admin = kafka.KafkaConsumer(**options.client()), KafkaAdminClient(**options.client())
    try:
        partitions = [kafka.TopicPartition(options.prefix + TOPIC, number) for number in range(12)]
        ends = client.end_offsets(partitions)
        if read_only:
            async with world.consumer.reading() as session:
                kept = await kept_positions(session, "ledger")
            ends = {partition: kept[TopicPartition(TOPIC, partition.partition)] for partition in partitions}
        admin.delete_records(ends)
    finally:
        client.close()
        admin.close()


async def has_read(world: World, consumer: str) -> bool:
    progress = tables.messaging.consumer_progress
    async with world.consumer.reading() as session:
        rows = await session.execute(select(progress.c.caught_up_at).where(progress.c.consumer == consumer))
        moments = list(rows.scalars())
    return bool(moments) and all(moments)


async def known(world: World) -> datetime | None:
    async with world.consumer.reading() as session:
        return await caught_up_at(session, TOPIC)


async def all_holes(world: World) -> list[Hole]:
    async with world.consumer.reading() as session:
        return [hole for hole in await holes(session, open_only=False) if hole.consumer == "ledger"]


async def states(world: World) -> list[str]:
    return [hole.state for hole in await all_holes(world)]


async def is_in_state(world: World, state: str) -> bool:
    return await states(world) == [state]


async def with_a_hole(world: World) -> None:
    """20 messages are applied, 30 expire unread, 5 follow."""
    async with world.relaying(mark_seconds=MARKS), world.consuming():
        await world.publish(20)
        await world.applied(20)
        await eventually(lambda: has_read(world, "ledger"))
    async with world.relaying(mark_seconds=MARKS):
        await world.publish(30)
        await world.drained()
    await expire(world)
    async with world.relaying(mark_seconds=MARKS):
        await world.publish(5)
        await world.drained()
    async with world.consumer.transaction() as session:
        # What "other" read, so that only our consumer's entries are counted.
        await session.execute(delete(tables.messaging.consumer_progress).where(_of("other")))
        await session.execute(delete(_ledger()).where(_ledger().c.entry > 20))


def _of(consumer: str) -> Any:
    return tables.messaging.consumer_progress.c.consumer == consumer


def _ledger() -> Table:
    return Base.metadata.tables["ledger"]


async def test_what_was_deleted_unread_is_not_jumped_over_until_an_operator_accepts_it(world: World):
    await with_a_hole(world)
    before = datetime.now(UTC)
    async with world.relaying(mark_seconds=MARKS), world.consuming():
        await eventually(lambda: is_in_state(world, "waiting"))
        (hole,) = await all_holes(world)
        assert hole.topic == TOPIC
        assert hole.known_until is not None
        assert hole.known_until <= before <= hole.noticed_at
        assert await known(world) is None
        assert await world.entry_count() == 20
        async with world.consumer.transaction() as session:
            assert await accept(session, TOPIC, datetime.now(UTC))
        await world.applied(25)
        await eventually(lambda: known(world), what="the topic is caught up again")
    assert await states(world) == ["closed"]
    assert await world.entry_count() == 25
    async with world.consumer.reading() as session:
        assert await as_of(session, datetime.now(UTC)) >= before


async def test_the_hole_stays_open_over_a_restart_and_is_told_once(world: World):
    await with_a_hole(world)
    for _ in range(2):
        async with world.consuming():
            await eventually(lambda: is_in_state(world, "waiting"))
    assert await world.entry_count() == 20


async def test_a_restatement_heals_it_and_what_was_not_told_again_is_dropped(world: World):
    await with_a_hole(world)
    gone, there, new = uuid4(), uuid4(), uuid4()
    long_ago = datetime.now(UTC) - timedelta(days=20)
    async with world.consumer.transaction() as session:
        await session.execute(known_things.insert(), [{"id": id_, "told_at": long_ago} for id_ in (gone, there)])

    async def snapshots(session: AsyncSession) -> AsyncIterator[Outgoing]:
        for thing in (there, new):
            yield Outgoing(ThingSnapshot(thing_id=thing), 7, datetime.now(UTC))

    async with world.consuming(knowing()):
        await eventually(lambda: is_in_state(world, "waiting"))
        assert [total async for total in republish(world.publisher, snapshots, of=("testing", "thing"))] == [2]
        async with world.consumer.transaction() as session:
            assert await release(session, [TOPIC]) == [TOPIC]
        await eventually(lambda: is_in_state(world, "reading"))
        # Before all is told again, nothing is trusted and nothing dropped.
        assert await known(world) is None
        assert await _things(world) >= {gone}
        async with world.relaying(mark_seconds=MARKS):
            await eventually(lambda: is_in_state(world, "closed"))
            await eventually(lambda: known(world))
    assert await _things(world) == {there, new}
    assert await world.entry_count() == 25


async def _things(world: World) -> set[UUID]:
    async with world.consumer.reading() as session:
        return set((await session.execute(select(known_things.c.id))).scalars())


async def test_a_restatement_of_before_the_hole_heals_nothing(world: World):
    async def snapshots(session: AsyncSession) -> AsyncIterator[Outgoing]:
        yield Outgoing(ThingSnapshot(thing_id=uuid4()), 7, datetime.now(UTC))

    await with_a_hole(world)
    assert [total async for total in republish(world.publisher, snapshots, of=("testing", "thing"))] == [1]
    async with world.relaying(mark_seconds=MARKS):
        await world.drained()
        async with world.consuming(knowing()):
            await eventually(lambda: is_in_state(world, "waiting"))
            async with world.consumer.transaction() as session:
                await release(session, [TOPIC])
            await eventually(lambda: _restated(world))
            assert await states(world) == ["reading"]
            assert await known(world) is None


async def _restated(world: World) -> bool:
    async with world.consumer.reading() as session:
        rows = await session.execute(select(tables.messaging.restatements.c.applied_at))
        return any(rows.scalars())


async def test_who_had_read_everything_has_no_hole(world: World):
    async with world.relaying(mark_seconds=MARKS), world.consuming():
        await world.publish(20)
        await world.applied(20)
        await eventually(lambda: has_read(world, "ledger"))
    await expire(world, read_only=True)
    before = await world.entry_count()
    async with world.relaying(mark_seconds=MARKS), world.consuming():
        await world.publish(5)
        await world.applied(before + 5)
    assert await all_holes(world) == []


async def test_a_consumer_that_is_new_after_the_retention_waits_too(world: World):
    async with world.relaying(mark_seconds=MARKS), world.consuming():
        await world.publish(20)
        await world.applied(20)
        await eventually(lambda: has_read(world, "ledger"))
    await expire(world)
    async with world.consumer.transaction() as session:
        await session.execute(delete(tables.messaging.consumer_progress))
    async with world.consuming():
        await eventually(lambda: is_in_state(world, "waiting"))
        (hole,) = await all_holes(world)
        assert hole.known_until is None


async def test_a_database_behind_its_groups_offsets_reads_again(world: World):
    async with world.relaying(mark_seconds=MARKS), world.consuming():
        await world.publish(20)
        await world.applied(20)
        await eventually(lambda: has_read(world, "ledger"))
    async with world.consumer.transaction() as session:
        # As an older copy of it would be.
        await session.execute(delete(tables.messaging.inbox))
        await session.execute(delete(_ledger()))
        await session.execute(update(tables.messaging.consumer_progress).values(next_offset=0))
    async with world.relaying(mark_seconds=MARKS), world.consuming():
        await world.publish(1)
        await world.applied(21)
    assert await world.entry_count() == 21
    assert await all_holes(world) == []
