"""What contests earn: prizes by place, and the difference where one was corrected, in whatever order messages come."""

from datetime import timedelta
from itertools import permutations
from uuid import UUID

import pytest

from chassis.testing import SettableClock, received
from contracts.events import ContestFinished, ContestRegraded, ContestStanding
from services.gamification.definition import definition
from tests.service.gamification.stage import NOON, Stage

ACTIVITY = UUID(int=5)


@pytest.fixture
async def stage(start_service):
    async with start_service(definition, clock=SettableClock(NOON)) as harness:
        stage = Stage(harness)
        await stage.open()
        yield stage


async def points(stage, *members):
    return [(await one.client.get(f"/v1/wallets/{one.id}")).json()["points"] - 10 for one in members]


def told(stage, revision, *lines):
    """Lines of: members, rank, prize, since which revision."""
    kind = ContestRegraded if revision else ContestFinished
    message = kind(
        community_id=stage.community_id,
        activity_id=ACTIVITY,
        contest_id=UUID(int=6),
        revision=revision,
        standings=tuple(
            ContestStanding(
                rank=rank,
                member_ids=tuple(one.id for one in members),
                score=900 - rank,
                prize_rank=prize,
                prize_since=since,
                team_id=UUID(int=rank) if len(members) > 1 else None,
            )
            for members, rank, prize, since in lines
        ),
        part=1,
        of=1,
    )
    return received(message, occurred_at=NOON + timedelta(minutes=revision))


async def test_a_teams_prize_goes_whole_to_each_of_it(stage):
    one, two, three, four = [await stage.member() for _ in range(4)]
    await stage.harness.deliver(told(stage, 0, ([one, two], 1, 1, 0), ([three], 2, 2, 0), ([four], 4, 4, 0)))
    assert await points(stage, one, two, three, four) == [100, 100, 60, 0]
    entries = (await three.client.get("/v1/ledger-entries", params={"member_id": str(three.id)})).json()["items"]
    [source] = {(entry["source"]["href"]) for entry in entries if entry["source"]["object_kind"] == "contest_place"}
    assert source == f"/v1/activities/{ACTIVITY}"


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_a_correction_pays_the_difference_in_whatever_order_it_is_told(stage, order):
    one, two, three = [await stage.member() for _ in range(3)]
    messages = [
        told(stage, 0, ([one], 1, 1, 0), ([two], 2, 2, 0), ([three], 3, 3, 0)),
        # Nobody loses a prize: the first keeps it.
        told(stage, 1, ([two], 1, 1, 1), ([one], 2, 1, 0), ([three], 3, 3, 0)),
        # And here that was decided.
        told(stage, 2, ([three], 1, 1, 2), ([two], 2, 2, 2), ([one], 3, 3, 2)),
    ]
    for place in order:
        await stage.harness.deliver(messages[place])
        await stage.harness.deliver(messages[place])
    assert await points(stage, one, two, three) == [30, 60, 100]


async def test_who_has_the_same_prize_after_a_correction_has_no_new_entry(stage):
    one, two = await stage.member(), await stage.member()
    await stage.harness.deliver(told(stage, 0, ([one], 1, 1, 0), ([two], 3, 3, 0)))
    before = (await one.client.get("/v1/ledger-entries", params={"member_id": str(one.id)})).json()
    await stage.harness.deliver(told(stage, 1, ([one], 1, 1, 0), ([two], 2, 2, 1)))
    assert (await one.client.get("/v1/ledger-entries", params={"member_id": str(one.id)})).json() == before
    assert await points(stage, one, two) == [100, 60]
