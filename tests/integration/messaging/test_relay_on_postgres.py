"""The single relay: what PostgreSQL's locks promise, and what happens to one that froze."""

import functools

import pytest
from sqlalchemy import text

from chassis.messaging import outlet
from chassis.messaging.outbox import emit_many
from chassis.messaging.relay import Relay
from tests.support.messaging import TOPIC, World, assert_each_once_in_order, running
from tests.support.waiting import eventually

# A SQLite file has one process, and so one relay.
pytestmark = [pytest.mark.postgres, pytest.mark.parametrize("databases", ["postgres"], indirect=True)]


async def lock_holders(world: World) -> list[int]:
    async with world.publisher.reading() as session:
        connection = await session.connection()
        query = text(
            "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        return list((await connection.execute(query)).scalars())


def a_relay(world: World) -> Relay:
    return Relay(world.publisher, world.log, service="testing", topics=[TOPIC], batch=20)


async def test_of_two_relays_one_publishes_and_the_other_takes_over(world: World):
    async with world.consuming():
        async with running(a_relay(world)):
            await eventually(lambda: lock_holders(world))
            async with running(a_relay(world)):
                await world.publish(40)
                await world.drained()
                assert len(await lock_holders(world)) == 1
        async with running(a_relay(world)):
            await world.publish(40)
            await world.applied(80)
    assert_each_once_in_order(await world.entries(), world.things)


async def test_a_relay_whose_session_was_ended_sends_nothing_more_until_it_has_the_lock_again(world: World):
    async with world.consuming(), running(a_relay(world)):
        for _ in range(3):
            (holder,) = await eventually(lambda: lock_holders(world))
            await world.publish(30)
            async with world.publisher.transaction() as session:
                connection = await session.connection()
                await connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": holder})
            await eventually(functools.partial(another_holder, world, holder))
        await world.drained()
        await world.applied(90)
    assert_each_once_in_order(await world.entries(), world.things)


async def another_holder(world: World, old: int) -> bool:
    holders = await lock_holders(world)
    return bool(holders) and old not in holders


@pytest.mark.fault(16)
async def test_a_frozen_relay_loses_its_lease_and_its_return_changes_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(outlet, "LEASE_SECONDS", 1)
    frozen = a_relay(world)
    async with outlet.outlet_of(world.publisher) as held:
        assert await held.take()
        await world.publish(30)
        rows = await held.read(20)
        # It holds the lock and rows it has read, and now does nothing for longer than its lease.
        async with world.consuming(), running(frozen):
            await world.drained()
            await world.applied(30)
            await world.publish(10)
            await world.applied(40)
            with pytest.raises(Exception, match=r"terminat|closed|idle"):
                await held.read(20)
            with pytest.raises(Exception, match=r"terminat|closed|idle|reconnect"):
                await held.delete([row.seq for row in rows])
    assert_each_once_in_order(await world.entries(), world.things)


@pytest.mark.fault(17)
async def test_rows_that_commit_late_are_published_too(world: World):
    async with world.relaying(), world.consuming():
        slow = world.publisher.transaction()
        session = await slow.__aenter__()
        late = world.things.outgoing(7)
        await emit_many(session, late[:7])
        await world.publish(70)
        # Their numbers are higher than those of the open transaction, whose aggregates they overtake here on purpose.
        await world.applied(70)
        await slow.__aexit__(None, None, None)
        await world.applied(77)
        await world.drained()
    assert await world.entry_count() == 77
