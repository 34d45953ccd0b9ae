"""Looking after messages: restating what is owned, forgetting what is old, saying how things stand."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.engine import Database
from chassis.messaging import room
from chassis.messaging.dead_letters import list_dead_letters
from chassis.messaging.envelope import TopicPartition
from chassis.messaging.inbox import KEPT, claim, forget_old, keep_progress, kept_positions
from chassis.messaging.lag import caught_up_at, outbox_backlog, progress
from chassis.messaging.outbox import Outgoing, emit_many
from chassis.messaging.republish import republish
from tests.support.messaging import TOPIC, ThingCounted, Things, tables

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)


@pytest.fixture
def database(databases: tuple[Database, Database]) -> Database:
    return databases[0]


async def emitted(database: Database) -> list[tuple[str, int]]:
    outbox = tables.messaging.outbox
    async with database.reading() as session:
        rows = await (await session.connection()).execute(select(outbox).order_by(outbox.c.seq))
        return [(row.aggregateid, row.aggregateversion) for row in rows]


async def test_everything_is_restated_in_chunks_with_its_present_version(database: Database):
    things = [uuid4() for _ in range(25)]

    async def snapshots(session: AsyncSession) -> AsyncIterator[Outgoing]:
        for number, thing in enumerate(things):
            yield Outgoing(ThingCounted(thing_id=thing, amount=1), number + 1, NOW)

    so_far = [total async for total in republish(database, snapshots, chunk=10)]
    assert so_far == [10, 20, 25]
    assert await emitted(database) == [(str(thing), number + 1) for number, thing in enumerate(things)]


def many() -> Any:
    async def snapshots(_session: AsyncSession) -> AsyncIterator[Outgoing]:
        for number in range(25):
            yield Outgoing(ThingCounted(thing_id=uuid4(), amount=1), number + 1, NOW)

    return snapshots


async def test_a_restatement_waits_until_what_it_told_is_published(database: Database, monkeypatch):
    async def publish(_seconds: float) -> None:
        async with database.transaction() as session:
            await session.execute(delete(tables.messaging.outbox))

    monkeypatch.setattr(room, "sleep", publish)
    waiting = [len(await emitted(database)) async for _ in republish(database, many(), chunk=10, rows=10)]
    assert waiting == [10, 10, 5]


async def test_a_restatement_waits_for_nobody_where_nobody_publishes(database: Database, monkeypatch):
    monkeypatch.setattr("chassis.messaging.republish.STILL_SECONDS", 0)
    assert [total async for total in republish(database, many(), chunk=10, rows=10)] == [10, 20, 25]


async def test_the_inbox_forgets_after_30_days_and_not_before(database: Database):
    old, young = (uuid4(), "h"), (uuid4(), "h")
    async with database.transaction() as session:
        await claim(session, [old], NOW - KEPT - timedelta(hours=1))
        await claim(session, [young], NOW - KEPT + timedelta(hours=1))
    async with database.transaction() as session:
        assert await forget_old(session, NOW, limit=10) == 1
    async with database.transaction() as session:
        assert await claim(session, [old, young], NOW) == {old}


async def test_a_claim_tells_the_new_from_the_known(database: Database):
    ids = [uuid4() for _ in range(40)]
    claims = {(i, handler) for i in ids for handler in ("one", "two")}
    async with database.transaction() as session:
        assert await claim(session, list(claims) * 2, NOW) == claims
        assert await claim(session, claims, NOW) == set()
        assert await claim(session, [], NOW) == set()
        assert await claim(session, [(ids[0], "three")], NOW) == {(ids[0], "three")}


async def test_progress_is_as_far_as_the_slowest_partition(database: Database):
    fast, slow = TopicPartition(TOPIC, 0), TopicPartition(TOPIC, 1)
    earlier = NOW - timedelta(minutes=5)
    async with database.transaction() as session:
        await keep_progress(session, "c", {fast: 7, slow: 3}, {fast: NOW, slow: earlier}, NOW)
        await keep_progress(session, "c", {slow: 4}, {}, NOW)
    async with database.reading() as session:
        assert await kept_positions(session, "c") == {fast: 7, slow: 4}
        assert await kept_positions(session, "another") == {}
        assert await caught_up_at(session, TOPIC) == earlier
        assert await caught_up_at(session, "qunxue.other") is None
        assert [(p.consumer, p.topic, p.caught_up_at) for p in await progress(session)] == [("c", TOPIC, earlier)]


async def test_a_partition_never_caught_up_makes_the_topic_unknown(database: Database):
    async with database.transaction() as session:
        positions = {TopicPartition(TOPIC, 0): 7, TopicPartition(TOPIC, 1): 3}
        await keep_progress(session, "c", positions, {TopicPartition(TOPIC, 0): NOW}, NOW)
    async with database.reading() as session:
        assert await caught_up_at(session, TOPIC) is None


async def test_the_backlog_counts_what_waits_and_since_when(database: Database):
    async with database.reading() as session:
        nothing = await outbox_backlog(session)
    assert (nothing.count, nothing.age_seconds(NOW)) == (0, 0.0)
    things = Things([UUID(int=1)])
    async with database.transaction() as session:
        await emit_many(session, things.outgoing(30))
    async with database.reading() as session:
        backlog = await outbox_backlog(session)
        assert await list_dead_letters(session) == []
    assert backlog.count == 30
    assert 0 <= backlog.age_seconds(datetime.now(UTC)) < 60
