"""Members are told 30 and 7 days before points of theirs run out, in the morning, once."""

import asyncio
from datetime import timedelta

import pytest

from chassis.jobs import start_job
from chassis.messaging import parts
from chassis.messaging.outbox import emit_many
from chassis.testing import SettableClock
from services.gamification.definition import definition
from services.gamification.ledger import holds, reminding
from services.gamification.ledger.models import ExpiryPolicy
from tests.service.gamification.deeds import an_article
from tests.service.gamification.stage import NOON, Stage
from tests.service.gamification.test_points_expiry import decide, hold, owner_of, say

FIRST = "2024-06-05T16:00:00Z"
"""When the points of who joined before are gone: thirty days after the policy began, at the next midnight in Shanghai."""


@pytest.fixture
async def stage(start_service):
    async with start_service(definition, clock=SettableClock(NOON)) as harness:
        stage = Stage(harness)
        await stage.open()
        yield stage


async def go_on(stage, days, hours=-3):
    """Go on to a time of a day counted from NOON's, by default nine in the morning, and do what is due."""
    harness = stage.harness
    async with harness.runtime.database.transaction() as session:
        await reminding.timers.set_periodic(session, harness.clock())
    harness.clock.now = NOON + timedelta(days=days, hours=hours)
    await harness.run_timers()
    await harness.run_jobs()


async def told(stage):
    return [
        (one.data["lead"], one.data["due_at"], set(one.data["member_ids"]), one.data["part"], one.data["of"])
        for one in await stage.harness.published("reminder.due")
    ]


async def test_members_are_told_thirty_and_seven_days_before_and_once(stage):
    owner, member = await owner_of(stage), await stage.member()
    await stage.harness.deliver(an_article(stage.community_id, member.id, at=NOON))
    await say(stage, owner, kind="months", months=1)
    both = {str(owner.id), str(member.id)}
    await go_on(stage, 1, hours=-4)
    assert await told(stage) == []
    await go_on(stage, 1)
    assert await told(stage) == [("30_days", FIRST, both, 1, 1)]
    await go_on(stage, 1, hours=2)
    assert len(await told(stage)) == 1
    for day in range(2, 33):
        await go_on(stage, day)
    later = "2024-06-06T16:00:00Z"
    assert (await told(stage))[1:] == [
        ("30_days", later, {str(member.id)}, 1, 1),
        ("7_days", FIRST, both, 1, 1),
        ("7_days", later, {str(member.id)}, 1, 1),
    ]
    message = (await stage.harness.published("reminder.due"))[0]
    assert message.data["object"] == {"kind": "points", "id": str(stage.community_id)}
    assert "points" not in message.data


async def test_who_was_off_at_night_and_longer_tells_by_day_what_was_missed(stage):
    owner = await owner_of(stage)
    await say(stage, owner, kind="months", months=1)
    await go_on(stage, 1, hours=10)
    assert await told(stage) == []
    await go_on(stage, 2)
    assert [(lead, at) for lead, at, *_ in await told(stage)] == [("30_days", FIRST)]
    await go_on(stage, 28)
    await go_on(stage, 29)
    assert [(lead, at) for lead, at, *_ in await told(stage)][1:] == [("7_days", FIRST)]


async def test_who_spent_them_left_or_is_of_no_such_community_is_not_told(stage):
    owner, spent, left = await owner_of(stage), await stage.member(), await stage.member()
    await go_on(stage, 0, hours=0)
    await say(stage, owner, kind="months", months=1)
    await decide(stage, spent, await hold(stage, spent, 10), holds.settle_hold)
    await stage.leave(left)
    await go_on(stage, 1)
    assert [members for _, _, members, *_ in await told(stage)] == [{str(owner.id)}]
    await say(stage, owner, kind="never")
    await go_on(stage, 24)
    assert len(await told(stage)) == 1


async def test_many_are_told_in_lots(stage, monkeypatch):
    monkeypatch.setattr(parts, "MOST_MEMBERS", 2)
    owner = await owner_of(stage)
    members = await stage.members(4)
    await say(stage, owner, kind="year_end")
    await go_on(stage, 210)
    lots = await told(stage)
    assert [(lead, len(who), part, of) for lead, _, who, part, of in lots] == [
        ("30_days", 2, 1, 3),
        ("30_days", 2, 2, 3),
        ("30_days", 1, 3, 3),
    ]
    assert set.union(*(who for _, _, who, *_ in lots)) == {str(one.id) for one in [owner, *members]}


async def test_a_morning_that_failed_is_begun_again_and_tells_nobody_twice(stage, monkeypatch):
    owner = await owner_of(stage)
    await say(stage, owner, kind="months", months=1)
    await go_on(stage, 1)
    before, emit, failed = await told(stage), emit_many, []

    async def failing(session, messages):
        await emit(session, messages)
        if messages and not failed:
            failed.append(messages)
            raise RuntimeError("the database is gone")

    monkeypatch.setattr(reminding, "emit_many", failing)
    await go_on(stage, 24)
    assert (len(failed), await told(stage)) == (1, before)
    await go_on(stage, 24, hours=-2)
    await go_on(stage, 24, hours=-1)
    assert (await told(stage))[len(before) :] == [("7_days", FIRST, {str(owner.id)}, 1, 1)]


async def test_two_jobs_of_one_morning_tell_once(stage, monkeypatch):
    start, started = start_job, []

    async def counting(*of, **more):
        started.append(await start(*of, **more))

    monkeypatch.setattr(reminding, "start_job", counting)
    owner = await owner_of(stage)
    await say(stage, owner, kind="months", months=1)
    stage.harness.clock.now = NOON + timedelta(days=1)
    for _ in range(2):
        async with stage.harness.runtime.database.transaction() as session:
            await reminding.timers.set_periodic(session, NOON)
        await stage.harness.run_timers()
    await asyncio.gather(stage.harness.run_jobs(), stage.harness.run_jobs())
    assert (len(started), len(await told(stage))) == (2, 1)


async def test_who_is_told_is_found_before_anything_is_locked(stage, monkeypatch):
    owner = await owner_of(stage)
    await say(stage, owner, kind="months", months=1)
    find, held = reminding._whose, []

    async def watching(session, *of):
        held.append(await _others_may_write(stage))
        return await find(session, *of)

    monkeypatch.setattr(reminding, "_whose", watching)
    await go_on(stage, 1)
    assert held
    assert all(held)
    assert len(await told(stage)) == 1


async def _others_may_write(stage):
    async with asyncio.timeout(2), stage.harness.runtime.database.transaction() as session:
        policy = await session.get(ExpiryPolicy, stage.community_id, with_for_update=True)
    return policy is not None


async def test_what_the_owner_says_meanwhile_is_told_by_another_job(stage, monkeypatch):
    owner = await owner_of(stage)
    await say(stage, owner, kind="months", months=1)
    find = reminding._whose

    async def changing(*of):
        found = await find(*of)
        async with stage.harness.runtime.database.transaction() as session:
            policy = await session.get(ExpiryPolicy, stage.community_id)
            policy.months = 2
        return found

    monkeypatch.setattr(reminding, "_whose", changing)
    await go_on(stage, 1)
    assert await told(stage) == []
