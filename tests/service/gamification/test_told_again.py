"""What was done can be told again: the same messages, for a consumer that is new or lost some."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, select, update
from sqlmodel import col

from chassis.messaging.republish import all_deeds, republish
from chassis.testing import SettableClock
from services.gamification.checkins.models import Checkin
from services.gamification.definition import definition
from tests.service.gamification.stage import NOON, Stage

A_YEAR = 365


@pytest.fixture
async def stage(start_service):
    async with start_service(definition, clock=SettableClock(NOON)) as harness:
        stage = Stage(harness)
        await stage.open()
        yield stage


def rows(one, days, hour=12):
    begin = NOON - timedelta(days=A_YEAR)
    return [f"{one.employee_no},{(begin + timedelta(days=day)).replace(hour=hour).isoformat()},," for day in days]


async def emptied(stage):
    """What was told since, as consumers see it; the log keeps nothing of it."""
    outbox = stage.harness.runtime.service.tables.messaging.outbox
    async with stage.harness.runtime.database.transaction() as session:
        found = (await session.execute(select(outbox).order_by(outbox.c.seq))).all()
        await session.execute(delete(outbox))
    return [row for row in found if row.type == "qunxue.gamification.checkin.recorded.v1"]


async def told_again(stage, since=None):
    deeds = all_deeds(definition.deeds, since)
    async for _ in republish(stage.harness.runtime.database, deeds, of=("gamification", "deeds"), chunk=100):
        pass
    return await emptied(stage)


def same(row):
    return row.id, row.aggregateid, row.aggregateversion, row.occurred_at, row.payload, row.partitionkey


def counted(*lots):
    """Days by member, by a consumer that knows for ever what it has counted."""
    known, days = set(), {}
    for message in (message for lot in lots for message in lot):
        key = (message.aggregateid, message.aggregateversion)
        if key not in known:
            known.add(key)
            days[message.partitionkey] = days.get(message.partitionkey, 0) + 1
    return days


@pytest.mark.slow
async def test_a_year_of_deeds_told_again_makes_a_new_consumer_equal_to_one_that_saw_everything(stage):
    one, two = await stage.members(2, joined_at=NOON - timedelta(days=2 * A_YEAR))
    await stage.import_csv(*rows(one, range(0, A_YEAR, 2)), *rows(two, range(A_YEAR)))
    saw = [await emptied(stage)]
    await stage.import_csv(*rows(one, range(1, A_YEAR, 2)))
    # An earlier moment of days that were told already.
    await stage.import_csv(*rows(two, range(50), hour=3))
    saw.append(await emptied(stage))
    again = await told_again(stage)
    assert {same(row) for row in again} == {same(row) for lot in saw for row in lot}
    assert all(row.backfill for row in again)
    assert counted(again) == counted(*saw, again) == counted(*saw) == {str(one.id): A_YEAR, str(two.id): A_YEAR}


async def test_deeds_are_told_again_from_a_moment_on(stage):
    member = await stage.member()
    await stage.check_in_on(member, 0, 1, 2)
    told = await emptied(stage)
    assert [same(row) for row in await told_again(stage, NOON + timedelta(days=1))] == [same(row) for row in told[1:]]


async def test_a_deed_of_before_its_message_was_kept_has_the_same_id_each_time(stage):
    member = await stage.member()
    await stage.check_in_on(member, 0)
    async with stage.harness.runtime.database.transaction() as session:
        await session.execute(update(Checkin).values({col(Checkin.message_id): None, col(Checkin.told_at): None}))
    await emptied(stage)
    first, second = await told_again(stage), await told_again(stage)
    assert [same(row) for row in first] == [same(row) for row in second]
    assert [row.occurred_at for row in first] == [datetime(2024, 5, 6, 4, tzinfo=UTC)]
