"""Several consumers of one service: each has its own place, its own dead letters, and what it has is counted apart."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.messaging.consumer import MessageConsumer
from chassis.messaging.envelope import Received
from chassis.messaging.handlers import Handlers
from chassis.messaging.inbox import kept_positions
from chassis.messaging.lag import as_of, caught_up_at, progress
from chassis.messaging.local_log import LocalLog
from tests.support.messaging import TOPIC, ThingCounted, World, a_record, running, write_entries
from tests.support.waiting import eventually

pytestmark = pytest.mark.timeout(600)

GROUP = "ledger.news"


def telling() -> Handlers:
    """What a further group does: it tells of every thing."""
    handlers = Handlers()

    @handlers.on(ThingCounted)
    async def tell_things(messages: Sequence[Received[ThingCounted]], session: AsyncSession) -> None:
        await write_entries(messages, session, "tell_things")

    return handlers


def broken() -> Handlers:
    handlers = Handlers()

    @handlers.on(ThingCounted)
    async def tell_things(_messages: Sequence[Received[Any]], _session: AsyncSession) -> None:
        raise RuntimeError("a bug")

    return handlers


def a_group(world: World, handlers: Handlers) -> MessageConsumer:
    return MessageConsumer(world.consumer, world.log, handlers, name=GROUP, news_only=True)


async def told(world: World, number: int) -> None:
    async def enough() -> bool:
        return await world.entry_count("tell_things") >= number

    await eventually(enough, timeout=120, what=f"{number} told")


async def test_each_group_takes_every_message_and_goes_on_where_it_was_itself(world: World):
    async with world.relaying():
        async with world.consuming():
            await world.publish(20)
            await world.applied(20)
        async with running(a_group(world, telling())):
            await told(world, 20)
            await world.publish(10)
            await told(world, 30)
        assert await world.entry_count("count_things") == 20
        async with world.consuming():
            await world.applied(60)
    assert await world.entry_count("tell_things") == 30
    async with world.consumer.reading() as session:
        assert {one.consumer for one in await progress(session)} == {"ledger", GROUP}
        assert sum((await kept_positions(session, GROUP)).values()) > 0


async def test_a_group_that_fails_holds_back_nobody_else_and_has_its_own_dead_letters(world: World):
    async with world.relaying(), world.consuming(), running(a_group(world, broken())):
        await world.publish(3)

        async def put_aside() -> bool:
            return len(await world.dead_letters()) == 3

        await eventually(put_aside, timeout=120, what="three dead letters")
        await world.applied(3)
    assert {(letter.consumer, letter.handler) for letter in await world.dead_letters()} == {(GROUP, "tell_things")}


async def test_how_far_a_group_is_says_nothing_of_what_the_service_knows(world: World):
    async with world.relaying(mark_seconds=0.2):
        async with world.consuming():
            await world.publish(3)
            await world.applied(3)

            async def known() -> bool:
                async with world.consumer.reading() as session:
                    return await caught_up_at(session, TOPIC) is not None

            await eventually(known, timeout=120, what="a mark")
        async with running(a_group(world, telling())):
            await told(world, 3)
    now = datetime.now(UTC)
    async with world.consumer.transaction() as session:
        table = world.consumer.tables.messaging.consumer_progress
        await session.execute(table.update().where(table.c.consumer == GROUP).values(caught_up_at=None))
    async with world.consumer.reading() as session:
        moment = await caught_up_at(session, TOPIC)
        assert moment is not None
        assert await as_of(session, now) == moment


async def test_a_new_group_passes_over_what_is_old_and_still_does_when_it_starts_again(world: World):
    thing = world.things.ids[0]
    old = datetime.now(UTC) - timedelta(hours=2)
    event = ThingCounted(thing_id=thing, amount=1)
    await world.send(*(a_record(event, version=n, recorded_at=old, occurred_at=old) for n in (1, 2)))
    await world.send(a_record(event, version=3))
    async with running(a_group(world, telling())):
        await told(world, 1)
    await world.send(a_record(event, version=4, recorded_at=old, occurred_at=old), a_record(event, version=5))
    async with running(a_group(world, telling())):
        await told(world, 2)
    async with world.consuming():
        await world.applied(7)
    assert [entry.version for entry in await world.entries() if entry.handler == "tell_things"] == [3, 5]
    assert await world.entry_count("count_things") == 5


async def test_a_group_that_was_away_for_long_tells_all_that_came_meanwhile(world: World):
    event = ThingCounted(thing_id=world.things.ids[0], amount=1)
    await world.send(a_record(event, version=1))
    async with running(a_group(world, telling())):
        await told(world, 1)
    async with world.consumer.transaction() as session:
        table = world.consumer.tables.messaging.consumer_progress
        await session.execute(table.update().values(began_at=datetime.now(UTC) - timedelta(days=9)))
    week = datetime.now(UTC) - timedelta(days=7)
    await world.send(a_record(event, version=2, recorded_at=week, occurred_at=week))
    async with running(a_group(world, telling())):
        await told(world, 2)


@pytest.mark.parametrize("log", ["local"], indirect=True)
async def test_nothing_is_dropped_from_the_local_log_that_the_slowest_group_has_not_read(world: World):
    assert isinstance(world.log, LocalLog)
    later = datetime.now(UTC).timestamp() + 15 * 86_400
    async with world.relaying():
        async with running(a_group(world, telling())):
            await world.publish(1)
            await told(world, 1)
        async with world.consuming():
            await world.publish(5)
            await world.applied(7)
            await world.drained()
            assert await world.log.trim(later) <= 1
        async with running(a_group(world, telling())):
            await told(world, 6)
            assert await world.log.trim(later) >= 5
