"""A rule valid from the past that reaches many deeds: they are folded again in the background, and nobody is paid by a mixture."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chassis.jobs import LeaseLost
from chassis.testing import SettableClock
from services.gamification.definition import definition
from services.gamification.earning import recounting, rulemaking
from services.gamification.earning.rulebook import lock_rules
from services.gamification.ledger.wallets import lock_wallets
from tests.service.gamification.deeds import a_reply
from tests.service.gamification.stage import NOON, OnStage, Stage

HOUR = timedelta(hours=1)
CAPPED = {"trigger": "reply.posted", "points": 2, "xp": 2, "daily_cap": 5}


class Owned(Stage):
    """A community with an owner."""

    owner: OnStage

    async def put(self, code, rule, **query):
        params = {"community_id": str(self.community_id)} | query
        answer = await self.owner.client.put(f"/v1/earning-rules/{code}", params=params, json=rule)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def xp(self, members):
        return [(await one.client.get(f"/v1/wallets/{one.id}")).json()["xp"] for one in members]

    async def is_recounting(self, code):
        params = {"community_id": str(self.community_id)}
        answer = await self.owner.client.get(f"/v1/earning-rules/{code}/versions", params=params)
        return answer.json()["items"][0]["recounting"]


@pytest.fixture
async def stage(start_service, monkeypatch):
    monkeypatch.setattr(recounting, "ROWS_AT_ONCE", 3)
    monkeypatch.setattr(recounting, "FIRST_CHUNK", 1)
    monkeypatch.setattr(recounting, "MOST_MEMBERS", 1)
    async with start_service(definition, clock=SettableClock(NOON)) as harness:
        stage = Owned(harness)
        await stage.open()
        stage.owner = await stage.member(roles=("owner",))
        yield stage


async def some_who_replied(stage, replies=4):
    members = await stage.members(3)
    await stage.harness.deliver(
        *(a_reply(stage.community_id, one.id, at=NOON - (n + 1) * HOUR) for one in members for n in range(replies))
    )
    assert await stage.xp(members) == [2 * replies] * 3
    return members


async def test_what_reaches_many_deeds_is_recounted_in_the_background(stage):
    members = await some_who_replied(stage)
    answer = await stage.put("reply", CAPPED)
    assert (answer["rule"]["recounting"], answer["effects"]["members"]) == (True, 0)
    assert await stage.xp(members) == [8, 8, 8]
    await stage.harness.run_jobs()
    assert await stage.xp(members) == [5, 5, 5]
    assert not await stage.is_recounting("reply")


async def test_deeds_told_by_a_clock_that_is_ahead_of_ours_are_recounted_as_others_are(stage):
    member, ahead = await stage.member(), datetime.now(UTC) + HOUR
    deeds = [a_reply(stage.community_id, member.id, at=ahead) for _ in range(4)]
    await stage.harness.deliver(*deeds)
    assert await stage.xp([member]) == [8]
    assert (await stage.put("reply", CAPPED))["rule"]["recounting"]
    await stage.harness.run_jobs()
    assert await stage.xp([member]) == [5]


async def test_a_deed_further_ahead_than_its_senders_clock_is_put_aside(stage):
    member, now = await stage.member(), datetime.now(UTC)
    stage.harness.dead_letters_expected += 1
    deed = a_reply(stage.community_id, member.id, at=now + HOUR)
    await stage.harness.deliver(replace(deed, recorded_at=now))
    assert await stage.xp([member]) == [0]


async def test_what_reaches_few_is_recounted_at_once(stage, monkeypatch):
    monkeypatch.setattr(recounting, "ROWS_AT_ONCE", 12)
    members = await some_who_replied(stage)
    answer = await stage.put("reply", CAPPED)
    assert (answer["rule"]["recounting"], answer["effects"]["members"]) == (False, 3)
    assert await stage.xp(members) == [5, 5, 5]


async def test_who_does_something_meanwhile_is_recounted_first(stage):
    members = await some_who_replied(stage, replies=2)
    await stage.put("reply", CAPPED)
    await stage.harness.deliver(a_reply(stage.community_id, members[1].id, at=NOON))
    assert await stage.xp(members) == [4, 5, 4]
    await stage.harness.run_jobs()
    assert await stage.xp(members) == [4, 5, 4]


async def test_a_recount_that_was_killed_goes_on_where_it_stopped(stage, monkeypatch):
    members = sorted(await some_who_replied(stage), key=lambda one: one.id)
    await stage.put("reply", CAPPED)
    chunk, chunks = recounting._chunk, 0

    async def die_in_the_second(*arguments):
        nonlocal chunks
        chunks += 1
        more = await chunk(*arguments)
        if chunks == 2:
            raise LeaseLost
        return more

    monkeypatch.setattr(recounting, "_chunk", die_in_the_second)
    await stage.harness.run_jobs()
    assert await stage.xp(members) == [5, 8, 8]
    assert await stage.is_recounting("reply")
    stage.harness.clock.advance(timedelta(minutes=5))
    await stage.harness.run_jobs()
    assert await stage.xp(members) == [5, 5, 5]


async def test_two_versions_one_after_the_other_are_both_recounted(stage):
    members = await some_who_replied(stage)
    await stage.put("reply", CAPPED)
    await stage.put("reply", CAPPED | {"points": 3, "xp": 3, "valid_from": (NOON - 2 * HOUR).isoformat()})
    await stage.harness.deliver(a_reply(stage.community_id, members[0].id, at=NOON))
    await stage.harness.run_jobs()
    # Of the first two replies 2 each, of the third what is left of the day's 5.
    assert await stage.xp(members) == [5, 5, 5]
    assert not await stage.is_recounting("reply")


async def test_a_dry_run_shows_what_would_change_and_starts_nothing(stage):
    members = await some_who_replied(stage)
    answer = await stage.put("reply", CAPPED, dry_run=True)
    assert (answer["effects"]["members"], answer["effects"]["xp"]) == (3, -9)
    await stage.harness.run_jobs()
    assert await stage.xp(members) == [8, 8, 8]


async def test_a_dry_run_over_very_many_shows_what_it_has_counted_so_far(stage, monkeypatch):
    await some_who_replied(stage)
    monkeypatch.setattr(rulemaking, "SHOWN_FIRST", 2)
    assert not (await stage.put("reply", CAPPED, dry_run=True))["effects"]["partial"]
    monkeypatch.setattr(rulemaking, "SHOW_SECONDS", 0.0)
    effects = (await stage.put("reply", CAPPED, dry_run=True))["effects"]
    assert (effects["members"], effects["xp"], effects["partial"]) == (2, -6, True)


async def test_a_dry_run_waits_for_nobody_who_writes(stage):
    members = await some_who_replied(stage)
    async with stage.harness.runtime.database.transaction() as session:
        await lock_rules(session, stage.community_id)
        await lock_wallets(session, {one.id: stage.community_id for one in members})
        answer = await stage.put("reply", CAPPED, dry_run=True)
    assert answer["effects"]["members"] == 3
