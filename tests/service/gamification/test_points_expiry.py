"""Points that run out: whose, when, and what is held, spent or taken back meanwhile."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from chassis.ids import new_id
from chassis.testing import SettableClock, received
from contracts.membership import MemberRoleChanged
from services.gamification.definition import definition
from services.gamification.ledger import expiring, holds
from services.gamification.ledger.expiring import begin, timers
from services.gamification.ledger.models import ExpiryPolicy, PostedTransfer, Wallet
from services.gamification.ledger.service import Posting, lock_wallets, moved_of, post
from services.gamification.ledger.verification import verify
from tests.service.gamification.deeds import an_article, removed
from tests.service.gamification.stage import JOINED, NOON, Stage


@pytest.fixture
async def stage(start_service):
    async with start_service(definition, clock=SettableClock(NOON)) as harness:
        stage = Stage(harness)
        await stage.open()
        yield stage


async def owner_of(stage):
    owner = await stage.member()
    changed = MemberRoleChanged(**stage._member(owner, JOINED, roles=("owner",)))
    await stage.harness.deliver(received(changed, occurred_at=JOINED, version=stage._next(owner.id)))
    return owner


async def say(stage, owner, **policy):
    response = await owner.client.put(
        "/v1/wallets/expiry", params={"community_id": str(stage.community_id)}, json=policy
    )
    if response.status_code == 200:
        await stage.harness.run_jobs()
    return response


async def wait(stage, days):
    """Let days pass, and the job of the last of them be done."""
    async with stage.harness.runtime.database.transaction() as session:
        await timers.set_periodic(session, stage.harness.clock())
    stage.harness.clock.now += timedelta(days=days)
    await stage.harness.run_timers()
    await stage.harness.run_jobs()


async def purse(member):
    wallet = (await member.client.get(f"/v1/wallets/{member.id}")).json()
    return wallet["points"], wallet["held"], wallet["available"]


async def running_out(member):
    wallet = (await member.client.get(f"/v1/wallets/{member.id}")).json()
    return [(datetime.fromisoformat(each["at"]) - NOON, each["amount"]) for each in wallet["expiring"]]


async def in_order(stage):
    async with stage.harness.runtime.database.reading() as session:
        verdict = await verify(session)
    assert verdict.holds, verdict.faults


async def expired(stage):
    return [each.data for each in await stage.harness.published() if each.type.endswith("points.expired.v1")]


async def hold(stage, member, amount):
    async with stage.harness.runtime.database.transaction() as session:
        wallets = await lock_wallets(session, [(member.id, stage.community_id)])
        made = await holds.hold(
            session,
            wallets[member.id],
            amount=amount,
            key=str(new_id()),
            object_kind="redemption",
            object_id=new_id(),
            until=None,
            now=stage.harness.clock.now,
        )
        return made.id


async def decide(stage, member, hold_id, how):
    async with stage.harness.runtime.database.transaction() as session:
        wallets = await lock_wallets(session, [(member.id, stage.community_id)])
        made = await holds.hold_of(session, hold_id)
        await how(session, wallets[member.id], made, stage.harness.clock.now)


async def test_points_run_out_only_where_the_owner_says_so(stage):
    owner, member = await owner_of(stage), await stage.member()
    policy = await member.client.get("/v1/wallets/expiry", params={"community_id": str(stage.community_id)})
    assert (policy.json()["kind"], policy.json()["not_before"]) == ("never", None)
    assert (await say(stage, member, kind="year_end")).status_code == 403
    for wrong in ({"kind": "months"}, {"kind": "never", "months": 3}, {"kind": "months", "months": 0}):
        assert (await say(stage, owner, **wrong)).status_code == 422
    await wait(stage, 500)
    assert await purse(member) == (10, 0, 10)


async def test_points_run_out_once_their_months_are_over_and_the_member_is_told_once(stage):
    owner, member = await owner_of(stage), await stage.member()
    await stage.harness.deliver(an_article(stage.community_id, member.id, at=NOON))
    said = await say(stage, owner, kind="months", months=1)
    assert said.json()["months"] == 1
    await wait(stage, 20)
    await stage.harness.deliver(an_article(stage.community_id, member.id, at=stage.harness.clock.now))
    assert [amount for _, amount in await running_out(member)] == [10, 30]
    await wait(stage, 12)
    assert await purse(member) == (30, 0, 30)
    (told,) = [each for each in await expired(stage) if each["member_id"] == str(member.id)]
    assert (told["points"], told["balance"]["points"], len(told["transfer_ids"])) == (40, 30, 2)
    await wait(stage, 1)
    assert len([each for each in await expired(stage) if each["member_id"] == str(member.id)]) == 1
    await in_order(stage)


async def test_nobody_loses_points_within_thirty_days_of_the_owners_word(stage):
    owner, member = await owner_of(stage), await stage.member()
    stage.harness.clock.now += timedelta(days=400)
    await say(stage, owner, kind="months", months=1)
    await wait(stage, 29)
    assert await purse(member) == (10, 0, 10)
    assert [amount for _, amount in await running_out(member)] == [10]
    await wait(stage, 2)
    assert await purse(member) == (0, 0, 0)


async def test_what_is_left_of_an_award_that_ran_out_runs_out_once_more_on_the_same_day(stage):
    owner, member = await owner_of(stage), await stage.member()
    await say(stage, owner, kind="months", months=1)
    await wait(stage, 40)
    assert await purse(member) == (0, 0, 0)
    async with stage.harness.runtime.database.transaction() as session:
        wallets = await lock_wallets(session, [(member.id, stage.community_id)])
        (welcome,) = await session.exec(
            select(PostedTransfer).where(
                PostedTransfer.member_id == member.id,
                PostedTransfer.credit == "wallet",
                PostedTransfer.currency == "points",
            )
        )
        said = {name: getattr(welcome, name) for name in ("member_id", "community_id", "rule_code", "source_id")}
        said |= {"occurred_at": welcome.occurred_at, "source_type": welcome.source_type}
        again = [
            Posting(**said, kind="reversal", key="back", reverses=[moved_of(welcome)], why="recounted"),
            Posting(**said, kind="award", key="less", points=7),
        ]
        await post(session, again, wallets, stage.harness.clock.now)
    assert await purse(member) == (7, 0, 0)
    async with stage.harness.runtime.database.transaction() as session:
        policy = await session.get(ExpiryPolicy, stage.community_id)
        await begin(session, policy, policy.done_on, stage.harness.clock.now)
    await stage.harness.run_jobs()
    assert await purse(member) == (0, 0, 0)
    await in_order(stage)


async def test_points_whose_day_has_passed_cannot_be_spent_before_the_job_comes(stage):
    owner, member = await owner_of(stage), await stage.member()
    await say(stage, owner, kind="months", months=1)
    stage.harness.clock.now += timedelta(days=60)
    assert await purse(member) == (10, 0, 0)
    with pytest.raises(holds.POINTS_SHORT().__class__):
        await hold(stage, member, 5)


async def test_held_points_do_not_run_out_and_given_back_last_thirty_days_more(stage):
    owner, member = await owner_of(stage), await stage.member()
    await say(stage, owner, kind="months", months=1)
    hold_id = await hold(stage, member, 8)
    await wait(stage, 60)
    assert await purse(member) == (0, 8, 0)
    await decide(stage, member, hold_id, holds.release_hold)
    assert await purse(member) == (8, 0, 8)
    await in_order(stage)
    await wait(stage, 29)
    assert await purse(member) == (8, 0, 8)
    await wait(stage, 2)
    assert await purse(member) == (0, 0, 0)
    await in_order(stage)


async def test_points_of_what_is_restored_after_their_day_last_thirty_days_more(stage):
    owner, member = await owner_of(stage), await stage.member()
    article = an_article(stage.community_id, member.id, at=NOON)
    await stage.harness.deliver(article)
    await say(stage, owner, kind="months", months=1)
    await stage.harness.deliver(removed(article, at=NOON))
    await wait(stage, 60)
    assert await purse(member) == (0, 0, 0)
    await stage.harness.deliver(removed(article, at=stage.harness.clock.now, version=3, restored=True))
    assert await purse(member) == (30, 0, 30)
    await wait(stage, 29)
    assert await purse(member) == (30, 0, 30)
    await wait(stage, 2)
    assert await purse(member) == (0, 0, 0)
    await in_order(stage)


async def test_what_was_held_before_points_ran_out_is_spent_from_what_was_held(stage):
    owner, member = await owner_of(stage), await stage.member()
    hold_id = await hold(stage, member, 8)
    await say(stage, owner, kind="months", months=1)
    await in_order(stage)
    await wait(stage, 60)
    assert await purse(member) == (0, 8, 0)
    await decide(stage, member, hold_id, holds.settle_hold)
    assert await purse(member) == (0, 0, 0)
    await in_order(stage)


async def test_what_was_spent_before_points_ran_out_and_comes_back_lasts_thirty_days_more(stage):
    owner, member = await owner_of(stage), await stage.member()
    await decide(stage, member, await hold(stage, member, 8), holds.settle_hold)
    await say(stage, owner, kind="months", months=1)
    entries = (await member.client.get("/v1/ledger-entries", params={"member_id": str(member.id)})).json()["items"]
    (spent,) = [one["id"] for one in entries if one["kind"] == "redemption"]
    undone = await owner.client.post(f"/v1/ledger-entries/{spent}/reverse", json={"reason": "没有发货"})
    assert undone.status_code == 201, undone.text
    assert await purse(member) == (10, 0, 10)
    await in_order(stage)
    await wait(stage, 60)
    assert await purse(member) == (0, 0, 0)
    await in_order(stage)


async def test_the_oldest_points_are_spent_first_and_the_rest_runs_out(stage):
    owner, member = await owner_of(stage), await stage.member()
    await say(stage, owner, kind="months", months=1)
    await wait(stage, 20)
    await stage.harness.deliver(an_article(stage.community_id, member.id, at=stage.harness.clock.now))
    await decide(stage, member, await hold(stage, member, 25), holds.settle_hold)
    await wait(stage, 13)
    assert await purse(member) == (15, 0, 15)
    assert await expired(stage) == [each for each in await expired(stage) if each["member_id"] != str(member.id)]
    await in_order(stage)


async def test_an_award_that_ran_out_and_is_taken_back_leaves_no_debt(stage):
    owner, member = await owner_of(stage), await stage.member()
    article = an_article(stage.community_id, member.id, at=NOON)
    await stage.harness.deliver(article)
    await say(stage, owner, kind="months", months=1)
    await wait(stage, 20)
    await stage.check_in(member)
    await wait(stage, 15)
    assert await purse(member) == (5, 0, 5)
    await stage.harness.deliver(removed(article, at=NOON))
    assert await purse(member) == (5, 0, 5)
    await stage.harness.deliver(removed(article, at=NOON, version=3, restored=True))
    await in_order(stage)


async def test_a_debt_from_an_award_taken_back_is_repaid_by_earning(stage):
    owner, member = await owner_of(stage), await stage.member()
    article = an_article(stage.community_id, member.id, at=NOON)
    await stage.harness.deliver(article)
    await say(stage, owner, kind="year_end")
    await decide(stage, member, await hold(stage, member, 35), holds.settle_hold)
    await stage.harness.deliver(removed(article, at=NOON))
    assert await purse(member) == (-25, 0, -25)
    await in_order(stage)
    await stage.harness.deliver(an_article(stage.community_id, member.id, at=NOON))
    assert await purse(member) == (5, 0, 5)
    await in_order(stage)


async def test_at_the_years_end_all_of_the_year_runs_out(stage):
    owner, member = await owner_of(stage), await stage.member()
    await say(stage, owner, kind="year_end")
    await wait(stage, 200)
    assert await purse(member) == (10, 0, 10)
    await wait(stage, 100)
    assert await purse(member) == (0, 0, 0)


async def test_the_next_thirty_days_are_days_though_the_clock_is_set_back_meanwhile(start_service):
    # In Havana 3 November 2024 has 25 hours, and its days begin at 4:00 before and at 5:00 after.
    awarded = datetime(2024, 10, 19, 12, tzinfo=UTC)
    async with start_service(definition, clock=SettableClock(awarded)) as harness:
        stage = Stage(harness)
        await stage.open(time_zone="America/Havana")
        owner, member = await owner_of(stage), await stage.member()
        await say(stage, owner, kind="months", months=1)
        await harness.deliver(an_article(stage.community_id, member.id, at=datetime(2024, 10, 18, 12, tzinfo=UTC)))
        wallet = f"/v1/wallets/{member.id}"
        harness.clock.now = datetime(2024, 10, 20, 3, 59, tzinfo=UTC)
        gone = {"amount": 40, "at": "2024-11-19T05:00:00Z"}
        assert (await member.client.get(wallet)).json()["expiring"] == []
        harness.clock.now = datetime(2024, 10, 20, 4, tzinfo=UTC)
        assert (await member.client.get(wallet)).json()["expiring"] == [gone]


async def test_members_who_come_later_have_lots_too(stage):
    owner = await owner_of(stage)
    await say(stage, owner, kind="months", months=1)
    member = await stage.member()
    await wait(stage, 40)
    assert await purse(member) == (0, 0, 0)
    await in_order(stage)


async def test_a_job_goes_on_after_the_members_whose_lots_it_keeps_already(stage, monkeypatch):
    monkeypatch.setattr(expiring, "FIRST_CHUNK", 2)
    monkeypatch.setattr(expiring, "MOST_MEMBERS", 2)
    owner = await owner_of(stage)
    members = await stage.members(5)
    await say(stage, owner, kind="months", months=1)
    jobs = stage.harness.runtime.service.tables.chassis.jobs
    async with stage.harness.runtime.database.reading() as session:
        [result] = (await session.execute(select(jobs.c.result).where(jobs.c.kind == expiring.EXPIRE))).scalars()
        kept = (await session.execute(select(Wallet.lots_kept))).scalars().all()
    # Else each chunk would pass over all those before it: the whole company, thousands of times.
    assert result["kept_to"] == str(max(one.id for one in [owner, *members]))
    assert kept == [True] * 6
