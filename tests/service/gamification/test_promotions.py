"""The highest levels are given by an owner to members who have the xp; xp alone never reaches them."""

import pytest

from chassis.testing import SettableClock
from services.gamification.definition import definition
from services.gamification.levels.rules import GRACE
from tests.service.gamification.deeds import a_reply, removed
from tests.service.gamification.stage import NOON, OnStage, Stage


class Owned(Stage):
    """A community with an owner."""

    owner: OnStage


@pytest.fixture
async def stage(start_service):
    async with start_service(definition, clock=SettableClock(NOON)) as harness:
        stage = Owned(harness)
        await stage.open()
        stage.owner = await stage.member(roles=("owner",))
        yield stage


async def with_xp(stage, xp):
    """A member who has earned so much by one reply, and the reply."""
    rule = {"trigger": "reply.posted", "points": 0, "xp": xp}
    params = {"community_id": str(stage.community_id)}
    put = await stage.owner.client.put("/v1/earning-rules/reply", params=params, json=rule)
    assert put.status_code == 200, put.text
    member = await stage.member()
    reply = a_reply(stage.community_id, member.id, at=NOON)
    await stage.harness.deliver(reply)
    return member, reply


async def decide(stage, member, level="mentor", by=None):
    body = {"member_id": str(member.id), "level": level, "reason": "带教三期"}
    return await (by or stage.owner).client.post("/v1/promotions", json=body)


async def level(member):
    return (await member.client.get(f"/v1/wallets/{member.id}")).json()["level"]["code"]


async def test_xp_alone_leads_to_the_level_below_and_says_what_is_missing(stage):
    member, _ = await with_xp(stage, 12_000)
    progress = await member.client.get("/v1/promotions/progress", params={"member_id": str(member.id)})
    said = progress.json()
    assert (said["level"]["code"], said["next"]["code"]) == ("expert", "mentor")
    assert said["missing"] == [
        {"kind": "decision", "title": "A decision", "required": 1, "current": 0, "missing": 1, "code": None, "at": None}
    ]


async def test_an_owner_gives_the_level_and_it_is_told(stage):
    member, _ = await with_xp(stage, 4_000)
    answer = await decide(stage, member)
    assert (answer.status_code, answer.json()["level"]["code"]) == (201, "mentor")
    assert await level(member) == "mentor"
    told = (await stage.harness.published("level.promoted"))[-1]
    assert (told.data["from"]["code"], told.data["to"]["code"]) == ("expert", "mentor")


async def test_a_level_that_was_given_is_lost_like_any_other(stage):
    member, reply = await with_xp(stage, 4_000)
    await decide(stage, member)
    await stage.harness.deliver(removed(reply, at=NOON))
    assert await level(member) == "mentor"
    stage.harness.clock.advance(GRACE)
    assert await level(member) == "sprout"


@pytest.mark.parametrize(
    ("xp", "wanted", "code"),
    [(3_999, "mentor", "xp_short"), (12_000, "pilot", "not_next_level"), (12_000, "expert", "level_not_decided")],
)
async def test_only_the_next_level_is_given_to_who_has_the_xp(stage, xp, wanted, code):
    member, _ = await with_xp(stage, xp)
    answer = await decide(stage, member, wanted)
    assert answer.json()["code"] == code
    assert await level(member) == "expert"


async def test_nobody_decides_on_themselves_and_only_owners_decide(stage):
    member, _ = await with_xp(stage, 4_000)
    await stage.harness.deliver(a_reply(stage.community_id, stage.owner.id, at=NOON))
    assert (await decide(stage, stage.owner)).json()["code"] == "conflict_of_interest"
    operator = await stage.member(roles=("operator",))
    assert (await decide(stage, member, by=operator)).status_code == 403
