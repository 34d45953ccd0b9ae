"""Points set aside: what can be spent meanwhile, and how they are spent or given back."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.ids import new_id
from chassis.problems import Problem
from chassis.testing import SettableClock
from services.gamification.definition import definition
from services.gamification.ledger import holds
from services.gamification.ledger.rules import Checker, HeldPoints
from services.gamification.ledger.service import lock_wallets
from services.gamification.ledger.verification import verify
from tests.service.gamification.deeds import an_article, removed
from tests.service.gamification.stage import NOON, Stage


@pytest.fixture
async def stage(start_service):
    async with start_service(definition, clock=SettableClock(NOON)) as harness:
        stage = Stage(harness)
        await stage.open()
        yield stage


@asynccontextmanager
async def locked(stage, member):
    async with stage.harness.runtime.database.transaction() as session:
        wallets = await lock_wallets(session, [(member.id, stage.community_id)])
        yield session, wallets[member.id]


async def held(stage, member, amount, *, key="mug", about=None):
    async with locked(stage, member) as (session, wallet):
        made = await holds.hold(
            session,
            wallet,
            amount=amount,
            key=key,
            object_kind="redemption",
            object_id=about or new_id(),
            until=None,
            now=NOON,
        )
        return made.id


async def settled(stage, member, hold_id):
    async with locked(stage, member) as (session, wallet):
        return await holds.settle_hold(session, wallet, await holds.hold_of(session, hold_id), NOON)


async def released(stage, member, hold_id, **how):
    async with locked(stage, member) as (session, wallet):
        await holds.release_hold(session, wallet, await holds.hold_of(session, hold_id), NOON, **how)


async def purse(member):
    wallet = (await member.client.get(f"/v1/wallets/{member.id}")).json()
    return wallet["points"], wallet["held"], wallet["available"]


async def holds_good(stage):
    async with stage.harness.runtime.database.reading() as session:
        return (await verify(session)).holds


async def a_member_with_40(stage):
    member = await stage.member()
    article = an_article(stage.community_id, member.id, at=NOON)
    await stage.harness.deliver(article)
    assert await purse(member) == (40, 0, 40)
    return member, article


async def test_held_points_stand_beside_those_that_can_be_spent(stage):
    member, _ = await a_member_with_40(stage)
    await held(stage, member, 25)
    assert await purse(member) == (15, 25, 15)
    assert await holds_good(stage)


async def test_who_has_too_few_points_left_is_told_how_many_and_nothing_is_held(stage):
    member, _ = await a_member_with_40(stage)
    await held(stage, member, 25)
    with pytest.raises(Problem) as refused:
        await held(stage, member, 16, key="another")
    assert refused.value.type.code == "points_short"
    assert (refused.value.extensions["available"], refused.value.extensions["required"]) == (15, 16)
    assert await purse(member) == (15, 25, 15)


async def test_one_key_holds_points_once(stage):
    member, _ = await a_member_with_40(stage)
    first = await held(stage, member, 25)
    assert await held(stage, member, 25) == first
    assert await purse(member) == (15, 25, 15)


async def test_held_points_are_spent_once_and_others_are_told(stage):
    member, _ = await a_member_with_40(stage)
    about = new_id()
    hold_id = await held(stage, member, 25, about=about)
    transfer_id = await settled(stage, member, hold_id)
    assert await settled(stage, member, hold_id) == transfer_id
    assert await purse(member) == (15, 0, 15)
    told = [each for each in await stage.harness.published() if each.type.endswith("points.spent.v1")]
    (message,) = told
    assert message.data["points"] == 25
    assert message.data["transfer_ids"] == [str(transfer_id)]
    assert message.data["object"] == {"kind": "redemption", "id": str(about)}
    assert message.data["balance"]["points"] == 15
    with pytest.raises(holds.HoldDecidedError):
        await released(stage, member, hold_id)
    assert await holds_good(stage)


@pytest.mark.parametrize("state", ["voided", "expired"])
async def test_points_given_back_can_be_spent_again_and_the_hold_is_over(stage, state):
    member, _ = await a_member_with_40(stage)
    hold_id = await held(stage, member, 25)
    await released(stage, member, hold_id, state=state)
    await released(stage, member, hold_id, state=state)
    assert await purse(member) == (40, 0, 40)
    with pytest.raises(holds.HoldDecidedError):
        await settled(stage, member, hold_id)
    assert await purse(member) == (40, 0, 40)
    assert await holds_good(stage)


async def test_an_award_taken_back_while_its_points_are_held_leaves_a_debt_that_earning_repays(stage):
    member, article = await a_member_with_40(stage)
    hold_id = await held(stage, member, 35)
    await stage.harness.deliver(removed(article, at=NOON))
    assert await purse(member) == (-25, 35, -25)
    await settled(stage, member, hold_id)
    assert await purse(member) == (-25, 0, -25)
    await stage.harness.deliver(an_article(stage.community_id, member.id, at=NOON))
    assert await purse(member) == (5, 0, 5)
    assert await holds_good(stage)


async def test_of_many_who_hold_at_once_only_as_many_succeed_as_there_are_points(stage):
    member, _ = await a_member_with_40(stage)
    done = await asyncio.gather(*[held(stage, member, 15, key=f"item {n}") for n in range(6)], return_exceptions=True)
    refused = [each for each in done if isinstance(each, BaseException)]
    assert {type(each) for each in refused} == {Problem}
    assert len(refused) == 4
    assert await purse(member) == (10, 30, 10)
    assert await holds_good(stage)


@given(st.lists(st.sampled_from(["pending", "voided", "expired"])), st.integers(-3, 3))
def test_the_check_finds_a_wallet_that_holds_more_or_less_than_its_holds(states, off):
    kept = [HeldPoints(new_id(), 2, state) for state in states]
    held_points = 2 * states.count("pending") + off
    found = list(Checker().member(new_id(), [], {"points": 0, "xp": 0}, held=held_points, holds=kept))
    assert [each.invariant for each in found] == (["held_is_sum_of_holds"] if off else [])


def test_the_check_finds_a_hold_whose_points_nobody_spent():
    lost = HeldPoints(new_id(), 2, "posted", new_id())
    found = list(Checker().member(new_id(), [], {"points": 0, "xp": 0}, holds=[lost]))
    assert [each.invariant for each in found] == ["hold_is_posted"]
