"""From the outbox to a handler's effect, on the local log and on Kafka, on SQLite and on PostgreSQL."""

import random
from collections.abc import Sequence

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.messaging.consumer import MessageConsumer
from chassis.messaging.envelope import Received
from chassis.messaging.lag import caught_up_at
from chassis.messaging.relay import Relay
from tests.support.messaging import (
    TOPIC,
    ThingCounted,
    ThingSpoiled,
    World,
    a_record,
    assert_each_once_in_order,
    counting,
    killed,
    write_entries,
)
from tests.support.waiting import eventually

pytestmark = pytest.mark.timeout(600)


async def test_what_is_committed_is_applied_once_and_in_order(world: World):
    async with world.relaying(), world.consuming():
        await world.publish(300)
        await world.applied(300)
        await world.drained()
    assert_each_once_in_order(await world.entries(), world.things)
    assert await world.dead_letters() == []


async def test_messages_three_times_and_shuffled_are_applied_once(world: World):
    thing = world.things.ids[0]
    records = [a_record(ThingCounted(thing_id=thing, amount=1), version=n + 1) for n in range(60)]
    shuffled = records * 3
    random.Random(1).shuffle(shuffled)
    marker = a_record(ThingCounted(thing_id=thing, amount=1), version=61)
    async with world.consuming():
        await world.send(*shuffled)
        await world.send(marker)
        await world.applied(61)
    assert sorted(entry.version for entry in await world.entries()) == list(range(1, 62))


async def test_a_consumer_cut_off_again_and_again_loses_and_repeats_nothing(world: World):
    async with world.relaying():
        await world.publish(200)
        done = 0
        while done < 200:
            # Cut off as soon as it has done something more, between the effect and the commit of the offset as likely as not.
            async with killed(MessageConsumer(world.consumer, world.log, counting(), name="ledger")):
                await world.applied(min(done + 1, 200))
            done = await world.entry_count()
    assert_each_once_in_order(await world.entries(), world.things)


async def test_a_relay_cut_off_again_and_again_loses_nothing_and_keeps_the_order(world: World):
    async with world.consuming():
        for number in range(1, 6):
            async with killed(Relay(world.publisher, world.log, service="testing", topics=[TOPIC], batch=7)):
                await world.publish(40)
                await world.applied(40 * number - 39)
        async with world.relaying():
            await world.applied(200)
            await world.drained()
    assert_each_once_in_order(await world.entries(), world.things)


@pytest.mark.fault(8)
async def test_one_handlers_bug_holds_back_none_of_the_others(world: World):
    handlers = counting()
    broken = {"is": True}

    @handlers.on(ThingCounted)
    async def broken_handler(messages: Sequence[Received[ThingCounted]], session: AsyncSession) -> None:
        if broken["is"] and any(message.version == 3 for message in messages):
            raise RuntimeError("a bug")
        await write_entries(messages, session, "broken_handler")

    @handlers.on(ThingCounted)
    async def third_handler(messages: Sequence[Received[ThingCounted]], session: AsyncSession) -> None:
        await write_entries(messages, session, "third_handler")

    records = [a_record(ThingCounted(thing_id=world.things.ids[0], amount=1), version=n) for n in range(1, 21)]
    async with world.consuming(handlers):
        await world.send(*records)
        await world.applied(59)
    for handler in ("count_things", "third_handler"):
        assert [e.version for e in await world.entries() if e.handler == handler] == list(range(1, 21))
    (letter,) = await world.dead_letters()
    assert (letter.handler, letter.reason, letter.attempts) == ("broken_handler", "handler_failed", 3)
    assert letter.detail == "RuntimeError: a bug"
    assert [e.version for e in await world.entries() if e.handler == "broken_handler"] == [1, 2, *range(4, 21)]


async def test_what_nobody_handles_is_skipped(world: World):
    async with world.consuming():
        await world.send(a_record(ThingSpoiled(thing_id=world.things.ids[0])))
        await world.send(a_record(ThingCounted(thing_id=world.things.ids[0], amount=1)))
        await world.applied(1)
    assert await world.dead_letters() == []


async def test_an_idle_consumer_says_up_to_when_it_knows_everything(world: World):
    async with world.relaying(mark_seconds=0.2), world.consuming():

        async def known():
            async with world.consumer.reading() as session:
                return await caught_up_at(session, TOPIC)

        first = await eventually(known)
        await eventually(lambda: later(known, first))


async def test_a_consumer_without_its_publishers_relay_does_not_claim_to_know_more_and_more(world: World):
    async with world.consuming():
        async with world.relaying(mark_seconds=0.1):
            await eventually(lambda: known_until(world))
        # The relay is gone, with whatever waits in the outbox; messages of others' doing still arrive.
        moments = []
        for round_ in (1, 2):
            await world.send(*(a_record(ThingCounted(thing_id=thing, amount=1)) for thing in world.things.ids))
            await world.applied(len(world.things.ids) * round_)
            moments.append(await known_until(world))
        assert moments[0] == moments[1]


async def known_until(world: World):
    async with world.consumer.reading() as session:
        return await caught_up_at(session, TOPIC)


async def later(known, than):
    moment = await known()
    return moment is not None and moment > than


async def test_what_was_never_read_is_not_known(world: World):
    async with world.consuming():
        # One of twelve partitions has said something; the others may have much to say.
        await world.send(a_record(ThingCounted(thing_id=world.things.ids[0], amount=1)))
        await world.applied(1)
        async with world.consumer.reading() as session:
            assert await caught_up_at(session, TOPIC) is None


async def test_a_relay_told_to_stop_publishes_what_is_committed_first(world: World):
    async with world.relaying(batch=30):
        await world.publish(100)
    assert await world.outbox_count() == 0
