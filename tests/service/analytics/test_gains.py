"""What members get and what they do with it, from messages to metrics."""

from datetime import timedelta

import pytest

from chassis.ids import new_id
from chassis.testing import SettableClock, received
from contracts import gamification
from services.analytics.definition import definition
from tests.service.analytics.counted import Counted
from tests.service.stage import NOON

MAY = {"from_": "2024-05-01", "to": "2024-05-31", "grain": "month"}
APRIL = {"from_": "2024-04-01", "to": "2024-04-30", "grain": "month"}
BALANCE = gamification.Balance(points=0, xp=0)


@pytest.fixture
async def stage(start_service):
    async with start_service(definition, clock=SettableClock(NOON)) as harness:
        stage = Counted(harness)
        await stage.open()
        await stage.prepare()
        yield stage


async def value(stage, code, **asked):
    [item] = await stage.values(code, **(MAY | asked))
    return item["value"], item["n"]


def points(stage, message, member, amount, *, at=NOON, **facts):
    usual = {"community_id": stage.community_id, "transfer_ids": (new_id(),), "member_id": member.id}
    return received(message(**usual, points=amount, kind="rule", balance=BALANCE, **facts), occurred_at=at)


def awarded(stage, member, amount, **facts):
    caused = gamification.Cause(event_id=new_id(), type="test")
    return points(stage, gamification.PointsAwarded, member, amount, xp=0, cause=caused, **facts)


async def test_points_are_owed_until_they_are_spent_lost_or_run_out(stage):
    one, two = await stage.members(2)
    await stage.harness.deliver(
        awarded(stage, one, 30, at=NOON - timedelta(days=30)),
        awarded(stage, two, 20),
        points(stage, gamification.PointsSpent, one, 12),
        points(stage, gamification.PointsExpired, one, 5),
        awarded(stage, two, -3),
    )
    assert await value(stage, "points_liability", **APRIL) == (30.0, 3)
    assert await value(stage, "points_liability") == (30.0, 3)
    assert await value(stage, "points_spent") == (12.0, 1)
    assert await value(stage, "points_issued") == (20.0, 1)
    # What is told late counts when it was: what was kept of April is counted anew.
    await stage.harness.deliver(points(stage, gamification.PointsSpent, one, 10, at=NOON - timedelta(days=20)))
    assert await value(stage, "points_liability", **APRIL) == (20.0, 3)
    assert await value(stage, "points_spent", **APRIL) == (10.0, 1)
    assert await value(stage, "points_liability") == (20.0, 3)


async def test_kudos_count_for_who_gave_them_until_they_are_removed(stage):
    one, two = await stage.members(2)

    def kudos(message, id_, version):
        data = message(community_id=stage.community_id, kudos_id=id_, giver_id=one.id, receiver_id=two.id)
        return received(data, occurred_at=NOON, version=version)

    first, second = new_id(), new_id()
    given = [kudos(gamification.KudosGiven, id_, 1) for id_ in (first, second)]
    await stage.harness.deliver(*given, kudos(gamification.KudosRemoved, second, 2))
    assert await value(stage, "kudos_density") == (0.5, 2)
    await stage.harness.deliver(kudos(gamification.KudosRestored, second, 3), given[0])
    assert await value(stage, "kudos_density") == (1.0, 2)


async def test_whoever_completes_a_plan_is_one_of_those_who_checked_in(stage):
    one, two = await stage.members(2)

    def checked_in(member):
        told = gamification.CheckinRecorded(
            community_id=stage.community_id, checkin_id=new_id(), member_id=member.id,
            day=NOON.date(), time_zone="Asia/Shanghai", origin="now",
        )  # fmt: skip
        return received(told, occurred_at=NOON)

    def completed(member):
        told = gamification.PlanCompleted(
            community_id=stage.community_id, plan_id=new_id(), member_id=member.id, days=21
        )
        return received(told, occurred_at=NOON)

    assert (await value(stage, "plan_completion"))[0] is None
    await stage.harness.deliver(checked_in(one), checked_in(two), completed(one), completed(one))
    assert await value(stage, "plan_completion") == (0.5, 2)
