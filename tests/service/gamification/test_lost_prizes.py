"""Who is expelled wrongly wins nothing in a season that closes meanwhile: taken back, an owner decides about each prize they lost."""

from datetime import timedelta

import pytest

from chassis.testing import SettableClock
from contracts.conduct import PenaltyImposed, PenaltyLifted
from services.gamification.definition import definition
from tests.service.gamification.awards.scene import to_approve
from tests.service.gamification.stage import NOON, OnStage
from tests.service.gamification.test_penalties import Penalty
from tests.service.gamification.test_seasons import SeasonStage

EXPELLED = NOON + timedelta(days=2)
LATER = 6
"""Days after which the sanction is taken back: the season has closed by then."""


class Stage(SeasonStage):
    """A community with seasons and an owner."""

    owner: OnStage


@pytest.fixture
async def stage(start_service):
    async with start_service(definition, clock=SettableClock(NOON)) as harness:
        stage = Stage(harness)
        await stage.open()
        async with harness.runtime.database.transaction() as session:
            await definition.timers.set_periodic(session, NOON)
        stage.owner = await stage.member(roles=("owner",))
        yield stage


async def earn(stage, *members):
    """A season in which they come in this order."""
    await stage.announce(stage.owner)
    await stage.at(1)
    for number, one in enumerate(members):
        await stage.earn(one, 9 - number, days=1)
    await stage.at(2)


async def expelled(stage, one, **facts):
    penalty = Penalty(stage, one)
    await stage.harness.deliver(penalty.told(PenaltyImposed, fine=0, sanction="expel", since=EXPELLED))
    await stage.leave(one, **facts)
    return penalty


async def pending(stage):
    params = {"community_id": str(stage.community_id), "status": "pending"}
    return (await stage.owner.client.get("/v1/awards", params=params)).json()["items"]


async def left(stage):
    told = await stage.harness.published("penalty.applied")
    return [[(one["kind"], one["code"]) for one in each.data["left"]] for each in told]


async def test_a_prize_that_was_lost_is_proposed_once_and_an_owner_gives_it(stage):
    gone, other = await stage.members(2)
    await earn(stage, gone, other)
    penalty = await expelled(stage, gone)
    await stage.at(LATER)
    before = (await stage.points(gone), await stage.points(other))
    lifted = penalty.told(PenaltyLifted, since=EXPELLED)
    await stage.harness.deliver(lifted)
    await stage.harness.deliver(lifted, penalty.told(PenaltyLifted, since=EXPELLED))
    await stage.come_back(gone)
    assert await left(stage) == [[], [("award", "proposed_as_award")], [("award", "proposed_as_award")]]
    # What others won stays theirs, and nobody has anything before it is decided.
    assert (await stage.points(gone), await stage.points(other)) == before
    (award,) = await pending(stage)
    assert (award["points"], award["proposer"], award["member"]["member_id"]) == (100, None, str(gone.id))
    assert "初夏" in award["reason"]
    params = {"community_id": str(stage.community_id)}
    budget = (await stage.owner.client.get("/v1/awards/budget", params=params)).json()
    assert budget["left"] == budget["per_person"]
    assert [count for _, count, _ in await to_approve(stage.owner)] == [1]
    given = await stage.owner.client.post(f"/v1/awards/{award['id']}/approve")
    assert (given.status_code, given.json()["status"]) == (200, "given"), given.text
    assert await stage.points(gone) == before[0] + 100


async def test_nothing_is_proposed_to_who_came_too_far_behind(stage):
    *others, gone = await stage.members(5)
    await earn(stage, *others, gone)
    penalty = await expelled(stage, gone)
    await stage.at(LATER)
    await stage.harness.deliver(penalty.told(PenaltyLifted, since=EXPELLED))
    assert (await left(stage), await pending(stage)) == ([[], []], [])


async def test_nothing_is_proposed_to_who_did_not_want_to_stand_on_boards(stage):
    gone = await stage.member(on_boards=False)
    await earn(stage, gone)
    penalty = await expelled(stage, gone, on_boards=False)
    await stage.at(LATER)
    await stage.harness.deliver(penalty.told(PenaltyLifted, since=EXPELLED))
    assert (await left(stage), await pending(stage)) == ([[], []], [])


async def test_nothing_is_proposed_to_who_was_suspended_and_won_it(stage):
    one = await stage.member()
    await earn(stage, one)
    penalty = Penalty(stage, one)
    until = EXPELLED + timedelta(days=4)
    await stage.harness.deliver(penalty.told(PenaltyImposed, fine=0, sanction="suspend", since=EXPELLED, until=until))
    await stage.at(LATER)
    await stage.harness.deliver(penalty.told(PenaltyLifted, since=EXPELLED))
    assert (await left(stage), await pending(stage)) == ([[], []], [])
