"""Timers: once, when they are due, whoever runs them and however late."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlmodel import col

from chassis.ids import new_id
from chassis.timers import Late, _Kind, cancel, next_due, schedule
from tests.service.chassis.shop import ON_POSTGRES
from tests.service.chassis.workshop import timers
from tests.service.chassis.workshop_things import Thing, tables

CLOSE = "thing.close"


async def set_timer(shop, thing, **after):
    due = shop.clock() + timedelta(**after)
    async with shop.runtime.database.transaction() as session:
        await schedule(session, CLOSE, thing, due)
    return due


async def status(shop):
    return [row[0] for row in await shop.rows(select(col(Thing.status)))]


async def test_a_timer_comes_when_it_is_due_and_once(shop, switches):
    due = await set_timer(shop, await shop.thing(), hours=1)
    assert await shop.run_timers() == 0
    shop.clock.now = due
    assert await shop.run_timers() == 1
    assert await status(shop) == ["closed"]
    assert await shop.run_timers() == 0
    assert len(switches.fired) == 1


async def test_after_a_night_off_it_acts_as_of_when_it_was_due(shop, switches):
    due = await set_timer(shop, await shop.thing(), hours=1)
    shop.clock.advance(timedelta(hours=10))
    await shop.run_timers()
    assert [(timer.due_at, timer.now) for timer in switches.fired] == [(due, shop.clock())]


async def set_all(shop, thing):
    due = shop.clock() + timedelta(hours=1)
    async with shop.runtime.database.transaction() as session:
        for kind in (CLOSE, "thing.remind", "thing.offer"):
            await schedule(session, kind, thing, due)
    return due


async def test_after_14_hours_off_an_end_is_dated_when_it_was_due_a_beginning_now_and_nobody_is_told_what_is_past(
    shop, switches
):
    due = await set_all(shop, await shop.thing())
    shop.clock.now = due + timedelta(hours=14)
    assert await shop.run_timers() == 3
    assert {timer.kind: timer.at for timer in switches.fired} == {CLOSE: due, "thing.offer": shop.clock()}
    assert await shop.run_timers() == 0


async def test_within_the_hour_everybody_is_told(shop, switches):
    due = await set_all(shop, await shop.thing())
    shop.clock.now = due + timedelta(hours=1)
    await shop.run_timers()
    assert {timer.kind for timer in switches.fired} == {CLOSE, "thing.remind", "thing.offer"}


async def test_the_earliest_comes_first(shop, switches):
    things = [await shop.thing() for _ in range(3)]
    for thing, hours in zip(things, (3, 1, 2), strict=True):
        await set_timer(shop, thing, hours=hours)
    shop.clock.advance(timedelta(hours=5))
    await shop.run_timers()
    assert [timer.subject_id for timer in switches.fired] == [things[1], things[2], things[0]]


async def test_a_moved_timer_comes_at_its_new_time_only(shop, switches):
    thing = await shop.thing()
    await set_timer(shop, thing, hours=1)
    later = await set_timer(shop, thing, hours=2)
    shop.clock.advance(timedelta(hours=1))
    assert await shop.run_timers() == 0
    shop.clock.now = later
    assert await shop.run_timers() == 1


async def test_a_cancelled_timer_does_not_come(shop, switches):
    thing = await shop.thing()
    await set_timer(shop, thing, hours=1)
    async with shop.runtime.database.transaction() as session:
        await cancel(session, CLOSE, thing)
    shop.clock.advance(timedelta(hours=2))
    assert await shop.run_timers() == 0


async def test_a_timer_is_set_only_if_the_transaction_commits(shop):
    async def given_up():
        async with shop.runtime.database.transaction() as session:
            await schedule(session, CLOSE, new_id(), shop.clock())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await given_up()
    assert await shop.rows(select(tables.chassis.timers)) == []


async def test_a_failing_timer_is_tried_again_with_a_growing_wait_and_undoes_what_it_did(shop, switches):
    await set_timer(shop, await shop.thing(), hours=0)
    switches.fails = [ZeroDivisionError()]
    waits = []
    for _ in range(12):
        await shop.run_timers()
        async with shop.runtime.database.reading() as session:
            again = await next_due(session)
        waits.append((again - shop.clock()).total_seconds())
        shop.clock.now = again
    assert waits[:5] == [5, 10, 20, 40, 80]
    assert waits[-1] == 900
    assert await status(shop) == ["open"]
    switches.fails = []
    await shop.run_timers()
    assert await status(shop) == ["closed"]
    assert await shop.rows(select(tables.chassis.timers)) == []


async def test_a_timer_that_failed_for_a_week_is_still_tried(shop, switches):
    await set_timer(shop, await shop.thing(), hours=0)
    await shop.write(tables.chassis.timers.update().values(attempts=700))
    switches.fails = [ZeroDivisionError()]
    await shop.run_timers()
    shop.clock.advance(timedelta(minutes=15))
    switches.fails = []
    assert await shop.run_timers() == 1


@pytest.mark.parametrize("error", [ZeroDivisionError(), ConnectionError("mail server away")])
async def test_a_failing_timer_holds_back_no_other(shop, switches, error):
    await set_timer(shop, await shop.thing(), hours=0)
    async with shop.runtime.database.transaction() as session:
        await schedule(session, "thing.weigh", new_id(), shop.clock() + timedelta(seconds=1))
    shop.clock.advance(timedelta(seconds=1))
    switches.fails = [error]
    await shop.run_timers()
    assert [timer.kind for timer in switches.fired] == [CLOSE, "thing.weigh"]


async def test_a_timer_that_sets_itself_anew_is_kept(shop, switches, monkeypatch):
    thing = await shop.thing()
    await set_timer(shop, thing, hours=0)

    async def again(session, timer):
        await schedule(session, CLOSE, timer.subject_id, timer.due_at + timedelta(hours=1))

    monkeypatch.setitem(shop.runtime.service.timers._kinds, CLOSE, _Kind(again, Late.ENDING))
    assert await shop.run_timers() == 1
    shop.clock.advance(timedelta(hours=1))
    monkeypatch.undo()
    assert await shop.run_timers() == 1


async def test_what_happens_every_hour_happens_once_an_hour(shop, switches):
    async with shop.runtime.database.transaction() as session:
        for _ in range(3):  # three workers start
            await timers.set_periodic(session, shop.clock())
    for _ in range(4):
        await shop.run_timers()
        shop.clock.advance(timedelta(minutes=30))
    await shop.run_timers()
    assert len(switches.swept) == 2


async def test_after_a_night_off_what_happens_every_hour_happens_once(shop, switches):
    async with shop.runtime.database.transaction() as session:
        await timers.set_periodic(session, shop.clock())
    shop.clock.advance(timedelta(hours=10))
    await shop.run_timers()
    assert len(switches.swept) == 1


@pytest.mark.fault(11)
async def test_a_clock_that_was_ahead_does_not_put_off_what_happens_every_hour(shop, switches):
    for ahead in (timedelta(days=365), timedelta(0)):
        async with shop.runtime.database.transaction() as session:
            await timers.set_periodic(session, shop.clock() + ahead)
    shop.clock.advance(timedelta(hours=1))
    await shop.run_timers()
    assert len(switches.swept) == 1


@ON_POSTGRES
async def test_two_workers_share_the_timers(shop, switches, monkeypatch):
    things = [await shop.thing() for _ in range(20)]
    for thing in things:
        await set_timer(shop, thing, hours=0)
    await asyncio.gather(*(timers.run_due(shop.runtime) for _ in range(4)))
    assert sorted(timer.subject_id for timer in switches.fired) == sorted(things)
    assert set(await status(shop)) == {"closed"}


@ON_POSTGRES
async def test_a_worker_that_pauses_keeps_its_timer_from_the_others_and_dies_with_it(shop, switches, monkeypatch):
    """The row's lock is the lease: it ends with the transaction, however that ends."""
    await set_timer(shop, await shop.thing(), hours=0)
    entered = asyncio.Event()

    async def pause(session, timer):
        entered.set()
        await asyncio.Event().wait()

    monkeypatch.setitem(timers._kinds, CLOSE, _Kind(pause, Late.ENDING))
    zombie = asyncio.create_task(timers.run_due(shop.runtime))
    await entered.wait()
    monkeypatch.undo()
    monkeypatch.setattr("tests.service.chassis.workshop.switches", switches)
    assert await timers.run_due(shop.runtime) == 0
    zombie.cancel()
    await asyncio.wait([zombie])
    assert await timers.run_due(shop.runtime) == 1
    assert await status(shop) == ["closed"]
