"""Writing messages with the change they tell of."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from chassis.database.context import context_of
from chassis.database.engine import Database
from chassis.messaging.envelope import Received
from chassis.messaging.outbox import MessageRefused, Outgoing, emit, emit_many
from chassis.messaging.relay import record_of
from tests.support.messaging import ThingCounted, tables


@pytest.fixture
def database(databases: tuple[Database, Database]) -> Database:
    return databases[0]


async def rows(database: Database) -> list:
    outbox = tables.messaging.outbox
    async with database.reading() as session:
        return list((await (await session.connection()).execute(select(outbox).order_by(outbox.c.seq))).all())


def a_thing(**changes) -> ThingCounted:
    return ThingCounted(thing_id=uuid.uuid4(), amount=1, **changes)


async def test_a_message_is_written_with_its_change_or_not_at_all(database: Database):
    async def fail() -> None:
        async with database.transaction() as session:
            await emit(session, a_thing(), version=1, occurred_at=datetime.now(UTC))
            raise RuntimeError("the command fails")

    with pytest.raises(RuntimeError):
        await fail()
    assert await rows(database) == []
    assert not database.outbox_filled.is_set()


async def test_the_relay_is_woken_after_the_commit(database: Database):
    async with database.transaction() as session:
        await emit(session, a_thing(), version=1, occurred_at=datetime.now(UTC))
        assert not database.outbox_filled.is_set()
    assert database.outbox_filled.is_set()


async def test_the_envelope_tells_who_when_and_in_which_order(database: Database):
    thing = a_thing(note="笔记")
    happened = datetime(2020, 2, 3, 4, 5, 6, tzinfo=UTC)
    async with database.transaction(actor="person:7", traceparent="00-aa-bb-01") as session:
        context_of(session).backfill = True
        await emit(session, thing, version=4, occurred_at=happened)
    (row,) = await rows(database)
    headers = dict(record_of(row).headers)
    assert headers["ce_type"] == b"qunxue.testing.thing.counted.v1"
    assert headers["ce_source"] == b"/qunxue/testing"
    assert headers["ce_subject"] == headers["ce_partitionkey"] == str(thing.thing_id).encode()
    assert headers["ce_time"] == b"2020-02-03T04:05:06Z"
    assert headers["ce_actorid"] == b"person:7"
    assert headers["ce_aggregateversion"] == b"4"
    assert headers["ce_backfill"] == b"true"
    assert headers["ce_traceparent"] == b"00-aa-bb-01"
    assert datetime.fromisoformat(headers["ce_recordedtime"].decode()) - datetime.now(UTC) < timedelta(minutes=1)
    assert ThingCounted.model_validate_json(record_of(row).value) == thing


async def test_what_follows_from_backfill_is_backfill(database: Database):
    cause = Received(
        id=uuid.uuid4(), type="", source="", subject="", occurred_at=datetime.now(UTC), version=1, community_id=None,
        actor="system", recorded_at=datetime.now(UTC), backfill=True, data=None, topic="", partition=0, offset=0,
        traceparent="00-cc-dd-01",
    )  # fmt: skip
    async with database.transaction() as session:
        await emit(session, a_thing(), version=1, occurred_at=datetime.now(UTC), cause=cause)
    (row,) = await rows(database)
    assert row.backfill
    assert row.traceparent == "00-cc-dd-01"


async def test_many_messages_keep_their_order(database: Database):
    things = [a_thing() for _ in range(50)]
    async with database.transaction() as session:
        await emit_many(session, [Outgoing(thing, 1, datetime.now(UTC)) for thing in things])
    assert [row.aggregateid for row in await rows(database)] == [str(thing.thing_id) for thing in things]


async def test_a_message_over_256_kib_is_refused_before_the_commit(database: Database):
    largest = a_thing(note="x" * (256 * 1024 - 90))
    async with database.transaction() as session:
        await emit(session, largest, version=1, occurred_at=datetime.now(UTC))
        with pytest.raises(MessageRefused, match="over"):
            await emit(session, a_thing(note="群" * 90_000), version=1, occurred_at=datetime.now(UTC))
    assert len(await rows(database)) == 1


async def test_a_message_from_the_future_is_refused(database: Database):
    async with database.transaction() as session:
        soon = datetime.now(UTC) + timedelta(minutes=4)
        await emit(session, a_thing(), version=1, occurred_at=soon)
        with pytest.raises(MessageRefused, match="would happen"):
            await emit(session, a_thing(), version=1, occurred_at=soon + timedelta(minutes=2))


async def test_what_follows_from_a_message_may_be_as_far_ahead_as_its_senders_clock(database: Database):
    async with database.transaction() as session:
        theirs = datetime.now(UTC) + timedelta(hours=1)
        context_of(session).heard_at = theirs
        await emit(session, a_thing(), version=1, occurred_at=theirs)
        with pytest.raises(MessageRefused, match="would happen"):
            await emit(session, a_thing(), version=1, occurred_at=theirs + timedelta(minutes=6))


async def test_what_was_under_way_when_the_clock_was_set_back_is_told(database: Database, monkeypatch):
    async with database.transaction() as session:
        begun = datetime.now(UTC)
        monkeypatch.setattr("chassis.messaging.outbox.system_clock", lambda: begun - timedelta(hours=1))
        await emit(session, a_thing(), version=1, occurred_at=begun)
    (row,) = await rows(database)
    # Who hears of it judges by this whether it can have happened.
    assert begun - timedelta(minutes=1) <= row.recorded_at


async def test_numbers_never_go_back_to_the_beginning(database: Database):
    outbox = tables.messaging.outbox
    last = 0
    for _ in range(2):
        async with database.transaction() as session:
            await emit_many(session, [Outgoing(a_thing(), 1, datetime.now(UTC)) for _ in range(3)])
        last = (await rows(database))[-1].seq
        async with database.transaction() as session:
            await (await session.connection()).execute(outbox.delete())
    assert last == 6
