"""What waits where months pile up that nobody ever confirmed."""

from datetime import date

import pytest

from chassis.testing import SettableClock
from services.gamification.definition import definition
from services.gamification.stars.models import Star
from services.gamification.stars.rules import FEWEST_BALLOTS, quarter_of, votes_from, votes_until
from tests.service.gamification.stage import NOON
from tests.service.gamification.stars.naming import VOTING, Stars
from tests.support.statements import listening, recorded

MONTHS = [date(year, month, 1) for year in range(2015, 2024) for month in range(1, 13)]


@pytest.fixture
async def stage(start_service):
    with listening():
        async with start_service(definition, clock=SettableClock(NOON)) as harness:
            stage = Stars(harness)
            await stage.open()
            yield stage


async def unconfirmed(stage, months):
    """Stars that were voted for, of which no owner ever said a word."""
    async with stage.harness.runtime.database.transaction() as session:
        for month in months:
            session.add(
                Star(
                    community_id=stage.community_id,
                    month=month,
                    quarter=quarter_of(month),
                    votes_from=votes_from(month),
                    votes_until=votes_until(month),
                    ballots=FEWEST_BALLOTS,
                    settled_at=stage.harness.clock(),
                    wiped_at=stage.harness.clock(),
                )
            )


async def test_months_that_nobody_confirmed_keep_nobody_from_being_asked_to_vote(stage, members):
    owner = await stage.member(roles=("owner",))
    await unconfirmed(stage, MONTHS)
    await stage.name(members[2], members[0])
    stage.at(VOTING)
    assert await stage.tasks(members[4]) == ["vote_for_star"]
    assert "vote_for_star" in await stage.tasks(owner)


async def test_to_say_what_waits_for_an_owner_takes_as_much_for_many_months_as_for_one(stage, members):
    owner = await stage.member(roles=("owner",))
    asked = []
    for months in (MONTHS[:1], MONTHS[1:13]):
        await unconfirmed(stage, months)
        await stage.tasks(owner)
        with recorded() as statements:
            waiting = await stage.tasks(owner)
        asked.append((len(waiting), len(statements)))
    assert [waiting for waiting, _ in asked] == [1, 13]
    assert asked[0][1] == asked[1][1]
