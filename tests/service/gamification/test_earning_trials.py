"""A rule that is tried on what was done: what it says is what putting it pays, and nothing else happens."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from chassis.jobs import LeaseLost
from chassis.testing import SettableClock
from services.gamification.definition import definition
from services.gamification.earning import trying
from services.gamification.earning.rulebook import lock_rules
from services.gamification.earning.schemas import EarningRuleTrial
from services.gamification.ledger.wallets import lock_wallets
from tests.service.gamification.deeds import a_reply, an_article, removed
from tests.service.gamification.stage import NOON, OnStage, Stage

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
TRIALS = "/v1/earning-rules/dry-runs"
REPLY = {"trigger": "reply.posted", "points": 3, "xp": 4, "daily_cap": 7}
NOT_THE_RULES = {"jobs", "job_inputs", "job_errors", "audit_entries", "idempotency_keys"}


class Owned(Stage):
    """A community with an owner."""

    owner: OnStage

    def trial(self, rule, code="reply", **days):
        return {"community_id": str(self.community_id), "code": code, **rule, **days}

    async def ask(self, rule, *, status=202, by=None, **options):
        answer = await (by or self.owner).client.post(TRIALS, json=self.trial(rule, **options))
        assert answer.status_code == status, answer.text
        return answer.json()

    async def tried(self, rule, **options):
        job = await self.ask(rule, **options)
        await self.harness.run_jobs()
        told = (await self.owner.client.get(f"{TRIALS}/{job['id']}")).json()
        assert (told["state"], told["dry_run"]) == ("succeeded", True), told
        return told["result"]

    async def put(self, rule, code="reply", **options):
        params = {"community_id": str(self.community_id)}
        answer = await self.owner.client.put(f"/v1/earning-rules/{code}", params=params, json=rule | options)
        assert answer.status_code == 200, answer.text
        await self.harness.run_jobs()

    async def wallets(self, members):
        wallets = [(await one.client.get(f"/v1/wallets/{one.id}")).json() for one in members]
        return [(wallet["points"], wallet["xp"]) for wallet in wallets]

    async def written(self):
        """All rows of all tables that a dry run has no business with."""
        tables = definition.base.metadata.sorted_tables
        async with self.harness.runtime.database.reading() as session:
            return {
                table.name: sorted(map(str, await session.execute(select(table))))
                for table in tables
                if table.name not in NOT_THE_RULES
            }


@pytest.fixture
async def stage(start_service, monkeypatch):
    monkeypatch.setattr(trying, "FIRST_CHUNK", 1)
    monkeypatch.setattr(trying, "MOST_MEMBERS", 1)
    async with start_service(definition, clock=SettableClock(NOON)) as harness:
        stage = Owned(harness)
        await stage.open()
        stage.owner = await stage.member(roles=("owner",))
        yield stage


async def some_who_replied(stage):
    """Four members: 1, 3, 5 and no replies on each of four days; one reply was removed."""
    members = await stage.members(4)
    replies = [
        a_reply(stage.community_id, one.id, at=NOON - day * DAY - n * MINUTE)
        for one, number in zip(members, (1, 3, 5, 0), strict=True)
        for day in (1, 2, 3, 10)
        for n in range(number)
    ]
    await stage.harness.deliver(*replies)
    await stage.harness.deliver(removed(replies[5], at=NOON))
    return members


@pytest.mark.parametrize("days", [{}, {"from": 3}, {"from": 2, "to": 2}, {"to": 3}])
async def test_it_says_what_putting_the_rule_pays(stage, days):
    members = await some_who_replied(stage)
    given = {name: (NOON - n * DAY).date().isoformat() for name, n in days.items()}
    said = await stage.tried(REPLY, **given)
    before = await stage.wallets(members)
    # The days of the stage's community begin at midnight there.
    valid_from = f"{given['from']}T00:00:00+08:00" if "from" in given else None
    if "to" in given:
        # What comes after is as it was: a later version says so.
        await stage.put(REPLY, valid_from=valid_from)
        after_to = (NOON - (days["to"] - 1) * DAY).date().isoformat()
        await stage.put(
            {"trigger": "reply.posted", "points": 2, "xp": 2, "daily_cap": 20}, valid_from=f"{after_to}T00:00:00+08:00"
        )
    else:
        await stage.put(REPLY, valid_from=valid_from)
    after = await stage.wallets(members)
    changes = [(new[0] - old[0], new[1] - old[1]) for old, new in zip(before, after, strict=True)]
    assert any(change != (0, 0) for change in changes)
    assert said["difference"] == {
        "points": sum(points for points, _ in changes),
        "xp": sum(xp for _, xp in changes),
        "more": sum(1 for change in changes if change > (0, 0)),
        "less": sum(1 for change in changes if change < (0, 0)),
    }
    assert said["present"]["points"] + said["difference"]["points"] == said["points"]["total"]


async def test_the_figures_of_one_day(stage):
    await some_who_replied(stage)
    day = (NOON - 2 * DAY).date().isoformat()
    said = await stage.tried(REPLY, **{"from": day, "to": day})
    # One reply, three and five, of 3 points each and 7 a day: 3, 3 + 3 + 1 and 3 + 3 + 1 where 2, 6 and 10 were paid.
    assert said == {
        "members": 3,
        "rewarded": 3,
        "deeds": 9,
        "paid_deeds": 7,
        "refused": {"daily_cap": 4},
        "points": {
            "total": 17,
            "members": 3,
            "quantiles": {"p10": 3, "p25": 3, "p50": 7, "p75": 7, "p90": 7, "p99": 7, "p100": 7},
            "top_shares": {"top_1": 41.2, "top_10": 41.2, "top_20": 41.2},
        },
        "xp": {
            "total": 22,
            "members": 3,
            "quantiles": {"p10": 4, "p25": 4, "p50": 9, "p75": 9, "p90": 9, "p99": 9, "p100": 9},
            "top_shares": {"top_1": 40.9, "top_10": 40.9, "top_20": 40.9},
        },
        "present": {"members": 3, "points": 18, "xp": 18},
        "difference": {"points": -1, "xp": 4, "more": 2, "less": 1},
    }


async def test_a_thing_that_was_paid_before_the_first_day_is_not_paid_again(stage):
    member = await stage.member()
    article = an_article(stage.community_id, member.id, at=NOON - 5 * DAY)
    again = an_article(stage.community_id, member.id, at=NOON - 2 * DAY)
    again = replace(again, data=again.data.model_copy(update={"article_id": article.data.article_id}))
    await stage.harness.deliver(article, again)
    rule = {"trigger": "article.published", "points": 30, "xp": 30, "once_per": "target"}
    said = await stage.tried(rule, code="by_article", **{"from": (NOON - 3 * DAY).date().isoformat()})
    # The rule would have begun after the first.
    assert (said["points"]["total"], said["refused"]) == (30, {})
    said = await stage.tried(rule, code="by_article", to=(NOON - DAY).date().isoformat())
    assert (said["points"]["total"], said["refused"]) == (30, {"already_earned": 1})


async def test_nothing_is_written_and_nothing_told(stage):
    await some_who_replied(stage)
    before, told = await stage.written(), len(await stage.harness.published())
    await stage.tried(REPLY)
    assert await stage.written() == before
    assert len(await stage.harness.published()) == told


async def test_it_waits_for_nobody_who_writes(stage):
    members = await some_who_replied(stage)
    trial = EarningRuleTrial.model_validate(stage.trial(REPLY))
    database = stage.harness.runtime.database
    async with database.transaction() as writing, asyncio.timeout(20):
        await lock_rules(writing, stage.community_id)
        await lock_wallets(writing, {one.id: stage.community_id for one in members})
        async with database.reading() as session:
            plan, _ = await trying._tried(session, trial, [one.id for one in members], NOON)
    assert len(plan.grants) == 4 * (1 + 3 + 5)


async def test_one_that_was_killed_goes_on_where_it_stopped(stage, monkeypatch):
    await some_who_replied(stage)
    whole = await stage.tried(REPLY)
    tried, chunks = trying._tried, 0

    async def die_in_the_third(*arguments):
        nonlocal chunks
        chunks += 1
        if chunks == 3:
            raise LeaseLost
        return await tried(*arguments)

    monkeypatch.setattr(trying, "_tried", die_in_the_third)
    job = await stage.ask(REPLY)
    await stage.harness.run_jobs()
    halfway = (await stage.owner.client.get(f"{TRIALS}/{job['id']}")).json()
    assert (halfway["state"], halfway["done"]) == ("running", 2)
    stage.harness.clock.advance(timedelta(minutes=5))
    await stage.harness.run_jobs()
    told = (await stage.owner.client.get(f"{TRIALS}/{job['id']}")).json()
    assert (told["state"], told["result"], told["done"]) == ("succeeded", whole, told["total"])
    assert chunks == 3 + told["total"] - 2


async def test_one_that_is_cancelled_stops(stage):
    await some_who_replied(stage)
    job = await stage.ask(REPLY)
    cancelled = await stage.owner.client.post(f"{TRIALS}/{job['id']}/cancel")
    assert cancelled.json()["state"] == "cancelled"
    await stage.harness.run_jobs()
    told = (await stage.owner.client.get(f"{TRIALS}/{job['id']}")).json()
    assert (told["state"], told["result"]) == ("cancelled", None)


async def test_the_same_one_at_the_same_moment_is_one_job_and_very_many_are_refused(stage):
    first, *again = await asyncio.gather(*(stage.ask(REPLY) for _ in range(5)))
    assert {one["id"] for one in again} == {first["id"]}
    for points in range(trying.MOST_AT_WORK - 1):
        await stage.ask(REPLY | {"points": 50 + points})
    refused = await stage.ask(REPLY | {"points": 99}, status=409)
    assert refused["code"] == "too_many_dry_runs"
    await stage.harness.run_jobs()
    await stage.ask(REPLY | {"points": 99})


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"trigger": "nothing.done"}, "/trigger"),
        ({"points": 0, "xp": 0}, "/points"),
        ({"valid_from": NOON.isoformat()}, "/valid_from"),
        ({"from": "2026-03-02", "to": "2026-03-01"}, "/to"),
        ({"code": "No code"}, "/code"),
    ],
)
async def test_a_rule_that_could_not_be_put_is_not_tried(stage, wrong, pointer):
    answer = await stage.owner.client.post(TRIALS, json=stage.trial(REPLY) | wrong)
    assert answer.status_code == 422, answer.text
    assert pointer in {error["pointer"].removeprefix("#") for error in answer.json()["errors"]}


async def test_only_an_owner_tries_rules(stage):
    member = await stage.member()
    operator = await stage.member(roles=("operator",))
    for one in (member, operator):
        await stage.ask(REPLY, status=403, by=one)
