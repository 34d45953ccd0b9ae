"""Rollups are added up anew beside the live ones, and nobody notices but by what was wrong before."""

import asyncio
import itertools
from datetime import timedelta

import pytest
from sqlalchemy import delete, select, text, update
from sqlmodel import col

from chassis.testing import SettableClock
from services.analytics.definition import definition
from services.analytics.facts import rebuilding
from services.analytics.facts.models import MemberDay, MemberPeriod, ObjectDay, RollupGeneration
from services.analytics.facts.verbs import Verb
from services.analytics.metrics.models import KeptAnswer
from tests.service.analytics.counting import Counting
from tests.service.stage import NOON


@pytest.fixture
async def stage(start_service, monkeypatch):
    monkeypatch.setattr(rebuilding, "FIRST_CHUNK", 2)
    monkeypatch.setattr(rebuilding, "MOST_FACTS", 2)
    async with start_service(definition, clock=SettableClock(NOON)) as harness:
        stage = Counting(harness)
        await stage.open()
        yield stage


async def change(stage, *statements):
    async with stage.harness.runtime.database.transaction() as session:
        for statement in statements:
            await session.execute(statement)


async def begin(stage):
    async with stage.harness.runtime.database.transaction() as session:
        return await rebuilding.begin(session)


async def step(stage, size=2):
    async with stage.harness.runtime.database.transaction() as session:
        return await rebuilding.step(session, size)


async def generations(stage):
    row = select(col(RollupGeneration.reading), col(RollupGeneration.building), col(RollupGeneration.deleting))
    return (await stage.rows(row))[0]


async def replies(stage, count):
    one = await stage.member()
    await stage.harness.deliver(*(stage.reply(one.id, NOON + timedelta(minutes=n)) for n in range(count)))
    return one


async def test_what_was_lost_from_the_rollups_is_there_again(stage):
    one = await replies(stage, 5)
    before = await stage.days(Verb.REPLIED), await stage.about(Verb.REPLIED), await stage.periods(one.id)
    assert before[0][0][2] == 5
    await change(stage, delete(MemberDay), delete(MemberPeriod), delete(ObjectDay))
    assert await begin(stage)
    while not (await step(stage)).done:
        pass
    assert (await stage.days(Verb.REPLIED), await stage.about(Verb.REPLIED), await stage.periods(one.id)) == before
    assert await generations(stage) == (2, None, None)


async def test_the_generation_before_is_read_until_the_new_one_has_everything(stage):
    await replies(stage, 5)
    await begin(stage)
    await step(stage)
    assert await generations(stage) == (1, 2, None)
    read = select(col(MemberDay.n)).where(col(MemberDay.generation) == 1, col(MemberDay.verb) == Verb.REPLIED)
    assert await stage.rows(read) == [(5,)]


async def test_what_is_counted_meanwhile_is_in_both_once(stage):
    one = await replies(stage, 4)
    await begin(stage)
    await step(stage)
    late = [stage.reply(one.id, NOON), stage.checkin(one.id, NOON), stage.like(one.id, NOON)]
    await stage.harness.deliver(*late, stage.removed(late[0], NOON))
    while not (await step(stage)).done:
        pass
    assert [n for _, _, n, _ in await stage.days(Verb.REPLIED)] == [4]
    assert [n for _, _, n, _ in await stage.days(Verb.CHECKED_IN)] == [1]
    assert [n for _, _, n, _ in await stage.days(Verb.REACTED)] == [1]


async def test_what_is_counted_while_periods_are_added_up_is_in_them_once(stage):
    members = sorted([(await stage.member()).id for _ in range(6)])
    first = [stage.reply(one, NOON) for one in members]
    await stage.harness.deliver(*first)
    await begin(stage)
    passed = select(col(RollupGeneration.passed_member_id))
    while (await stage.rows(passed))[0][0] is None:
        await step(stage, 1)
    reached = (await stage.rows(passed))[0][0]
    assert members[0] <= reached < members[-1], "some are added up, and some are not"
    told = [stage.removed(first[0], NOON), stage.removed(first[-1], NOON)]
    told += [stage.checkin(one, NOON) for one in members]
    await stage.harness.deliver(*told)
    while not (await step(stage)).done:
        pass
    assert await generations(stage) == (2, None, None)
    counted = [[deeds for grain, _, deeds, *_ in await stage.periods(one) if grain == "week"] for one in members]
    assert counted == [[1], [2], [2], [2], [2], [1]]


async def test_a_step_adds_up_the_periods_of_some_members_alone(stage):
    members = sorted([(await stage.member()).id for _ in range(9)])
    await stage.harness.deliver(*(stage.checkin(one, NOON) for one in members))
    await begin(stage)
    who = select(col(MemberPeriod.member_id)).where(col(MemberPeriod.generation) == 2).distinct()
    seen = []
    while not (await step(stage, 1)).done:
        seen.append(len(await stage.rows(who)))
    assert max(now - before for before, now in itertools.pairwise(seen)) <= rebuilding.DAYS_FOR_A_FACT
    assert seen[-1] == len(members)


async def test_what_is_counted_at_the_same_moment_is_in_both_once(stage):
    one = await replies(stage, 6)
    await begin(stage)

    async def to_the_end():
        while not (await step(stage, 3)).done:
            pass

    told = [[stage.reply(one.id, NOON), stage.checkin(one.id, NOON), stage.like(one.id, NOON)] for _ in range(8)]
    await asyncio.gather(
        *(stage.harness.deliver(*some) for some in told[:4]),
        to_the_end(),
        *(stage.harness.deliver(*some, stage.removed(some[0], NOON)) for some in told[4:]),
    )
    assert await generations(stage) == (2, None, None)
    assert [n for _, _, n, _ in await stage.days(Verb.REPLIED)] == [10]
    assert [n for _, _, n, _ in await stage.days(Verb.CHECKED_IN)] == [8]
    assert [n for _, _, n, _ in await stage.days(Verb.REACTED)] == [8]
    assert ("week", "2024-05-06", 26, 18, 0) in await stage.periods(one.id)


async def test_whoever_was_killed_while_adding_up_is_followed_by_a_worker_that_goes_on_there(stage, monkeypatch):
    await replies(stage, 5)
    await begin(stage)
    first = await step(stage)
    async with stage.harness.runtime.database.transaction() as session:
        await rebuilding.timers.set_periodic(session, stage.harness.clock())
    stage.harness.clock.now += timedelta(minutes=6)
    await stage.harness.run_timers()
    counted = []
    real = rebuilding.step

    async def watched(session, size):
        made = await real(session, size)
        counted.append(made.counted)
        return made

    monkeypatch.setattr(rebuilding, "step", watched)
    await stage.harness.run_jobs()
    # Five replies, and that somebody joined.
    assert first.counted + sum(counted) == 6
    assert await generations(stage) == (2, None, None)
    assert [n for _, _, n, _ in await stage.days(Verb.REPLIED)] == [5]


async def test_answers_that_were_kept_are_computed_from_the_new_generation(stage):
    await replies(stage, 3)
    answer = KeptAnswer(
        community_id=stage.community_id,
        code="posts",
        version=1,
        grain="day",
        group_by="",
        staff=False,
        starts_on=NOON.date() - timedelta(days=60),
        ends_on=NOON.date() - timedelta(days=60),
        readings=[],
    )
    async with stage.harness.runtime.database.transaction() as session:
        session.add(answer)
    await begin(stage)
    await step(stage)
    assert len(await stage.rows(select(col(KeptAnswer.code)))) == 1
    while not (await step(stage)).done:
        pass
    assert await stage.rows(select(col(KeptAnswer.code))) == []


async def test_one_is_built_at_a_time(stage):
    await replies(stage, 3)
    assert await begin(stage)
    await step(stage)
    assert not await begin(stage)
    while not (await step(stage)).done:
        pass
    assert await begin(stage)


async def test_what_is_not_read_any_longer_is_deleted_a_bounded_number_of_rows_at_a_time(stage):
    one = await stage.member()
    await stage.harness.deliver(*(stage.checkin(one.id, NOON + timedelta(days=n)) for n in range(7)))
    await change(stage, update(RollupGeneration).values(reading=2, deleting=1))
    deleted = []
    while not (made := await step(stage, 3)).done:
        deleted.append(made.deleted)
    assert max(deleted) == 3
    assert sum(deleted) > 7
    assert await stage.rows(select(col(MemberDay.n))) == await stage.rows(select(col(MemberPeriod.deeds))) == []


MANY_FACTS = (
    "INSERT INTO facts (verb, key, community_id, member_id, at, version, state_version, voided, day, place_id)"
    " SELECT 1 + n % 6, md5(n::text)::uuid, md5('here')::uuid, md5((n % 100)::text)::uuid, now(), 1, 1, false, DATE '2026-01-01', 1"
    " FROM generate_series(1, 60000) AS n"
)
READ_WHOLE = text("SELECT seq_scan FROM pg_stat_xact_user_tables WHERE relname = 'facts'")


@pytest.mark.parametrize("database", [pytest.param("postgres", marks=pytest.mark.postgres)])
async def test_a_step_does_not_read_all_facts_for_a_few(stage):
    await change(stage, text(MANY_FACTS))
    await change(stage, text("ANALYZE facts"))
    await begin(stage)
    # Of one connection, until its plan is that for any values. Of millions of facts a bitmap does not pay.
    async with stage.harness.runtime.database.transaction() as session:
        await session.execute(text("SET LOCAL enable_bitmapscan = off"))
        for _ in range(12):
            assert (await rebuilding.step(session, 200)).counted == 200
        assert (await session.execute(READ_WHOLE)).scalar_one() == 0
