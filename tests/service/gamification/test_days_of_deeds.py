"""On which day a deed counts, whose clock and zone say so, and when that becomes known."""

from datetime import UTC, datetime, timedelta

import pytest

from chassis.testing import SettableClock, received
from contracts.membership import CommunityOpened
from services.gamification.definition import definition
from services.gamification.ledger.verification import snapshot, verify
from tests.service.gamification.deeds import a_reply
from tests.service.gamification.stage import JOINED, NOON, Stage

WELCOME = 10


@pytest.fixture
async def stage(start_service):
    async with start_service(definition, clock=SettableClock(NOON)) as harness:
        stage = Stage(harness)
        await stage.open()
        yield stage
        async with harness.runtime.database.reading() as session:
            await snapshot(session)
            verdict = await verify(session)
        assert verdict.holds, verdict.faults


async def balance(stage, one):
    wallet = (await one.client.get(f"/v1/wallets/{one.id}")).json()
    return wallet["points"] - WELCOME, wallet["xp"]


async def test_who_joined_by_a_clock_that_is_ahead_of_ours_is_welcomed_all_the_same(stage):
    member = await stage.member(joined_at=datetime.now(UTC) + timedelta(hours=1))
    operator = stage.service("wallets.read")
    assert (await operator.get(f"/v1/wallets/{member.id}")).json()["points"] == WELCOME


async def test_a_day_is_the_communitys_own(stage):
    member = await stage.member()
    # 23:59 and 00:01 in Shanghai, one day in UTC.
    midnight = NOON + timedelta(hours=12)
    before = [a_reply(stage.community_id, member.id, at=midnight - timedelta(minutes=n + 1)) for n in range(10)]
    after = [a_reply(stage.community_id, member.id, at=midnight + timedelta(minutes=n)) for n in range(10)]
    await stage.harness.deliver(*before, *after)
    assert await balance(stage, member) == (40, 40)


async def test_a_new_zone_counts_from_when_it_was_set_and_late_news_of_it_moves_days(stage):
    member = await stage.member()
    change_at = NOON + timedelta(days=1)
    # Either side of midnight in UTC, one day in Shanghai.
    midnight = NOON + timedelta(days=2, hours=20)
    replies = [a_reply(stage.community_id, member.id, at=midnight + timedelta(minutes=n - 10)) for n in range(20)]
    await stage.harness.deliver(*replies)
    assert await balance(stage, member) == (20, 20)
    stage.harness.clock.now = change_at
    await stage.change(time_zone="UTC")
    assert await balance(stage, member) == (40, 40)
    await stage.change(name="another name")
    assert await balance(stage, member) == (40, 40)


async def test_deeds_heard_of_before_their_community_are_folded_into_its_days(stage):
    other = Stage(stage.harness)
    member = await other.member()
    midnight = NOON + timedelta(hours=12)
    await stage.harness.deliver(
        *[a_reply(other.community_id, member.id, at=midnight + timedelta(minutes=n - 10)) for n in range(20)]
    )
    operator = other.service("wallets.read")
    opened = received(CommunityOpened(**other._community), occurred_at=JOINED)
    await stage.harness.deliver(opened)
    assert (await operator.get(f"/v1/wallets/{member.id}")).json()["points"] == WELCOME + 40
