"""Rules with a cap for each thing, a time between deeds that count, and windows that pay a multiple."""

from datetime import timedelta
from random import Random

import pytest

from chassis.ids import new_id
from chassis.testing import SettableClock
from services.gamification.definition import definition
from services.gamification.ledger.verification import verify
from tests.service.gamification.deeds import a_like, a_reply
from tests.service.gamification.stage import NOON
from tests.service.gamification.test_earning_rules import Ruled

LIKE = {"trigger": "reaction.added", "points": 3, "xp": 3, "beneficiary": "author"}
REPLY = {"trigger": "reply.posted", "points": 2, "xp": 2}


@pytest.fixture
async def stage(start_service):
    async with start_service(definition, clock=SettableClock(NOON)) as harness:
        stage = Ruled(harness)
        await stage.open()
        yield stage
        async with harness.runtime.database.reading() as session:
            verdict = await verify(session)
        assert verdict.holds, verdict.faults


@pytest.fixture
async def owner(stage):
    return await stage.appoint(await stage.member(), "owner")


async def codes_of(stage, member):
    answer = await member.client.get("/v1/earning-outcomes", params={"member_id": str(member.id), "limit": 100})
    return [each["code"] for each in answer.json()["items"] if each["rule"] in {"liked", "reply"}]


async def test_a_thing_pays_no_more_than_its_cap_in_whatever_order_its_likes_arrive(stage, owner):
    answer = await stage.put(owner, "liked", LIKE | {"per_target_cap": 7})
    assert answer.status_code == 200, answer.text
    assert answer.json()["rule"]["per_target_cap"] == 7
    await stage.put(owner, "like_received", LIKE | {"enabled": False})
    orders = []
    for seed in (1, 2):
        author, giver, thing = await stage.member(), await stage.member(), new_id()
        likes = [
            a_like(stage.community_id, author.id, by=giver.id, on=thing, at=NOON - timedelta(days=n)) for n in range(4)
        ]
        Random(seed).shuffle(likes)
        for like in likes:
            await stage.harness.deliver(like)
        orders.append((await stage.points(author), await codes_of(stage, author)))
    paid, codes = orders[0]
    assert paid == 7
    assert codes.count("per_target_cap") == 2
    assert orders[1] == orders[0]


async def test_within_the_cooldown_nothing_is_paid_and_a_late_deed_shifts_what_is(stage, owner):
    assert (await stage.put(owner, "reply", REPLY | {"cooldown_minutes": 60})).status_code == 200
    member = await stage.member()
    at = [NOON - timedelta(minutes=minutes) for minutes in (100, 50, 20)]
    await stage.harness.deliver(*[a_reply(stage.community_id, member.id, at=moment) for moment in at[1:]])
    assert (await stage.points(member), await codes_of(stage, member)) == (2, ["cooldown", None])
    await stage.harness.deliver(a_reply(stage.community_id, member.id, at=at[0]))
    assert (await stage.points(member), await codes_of(stage, member)) == (4, [None, "cooldown", None])


async def test_in_a_window_deeds_earn_a_multiple_also_of_the_past(stage, owner):
    member = await stage.member()
    await stage.harness.deliver(
        *[a_reply(stage.community_id, member.id, at=NOON - timedelta(hours=hours)) for hours in (1, 3, 5)]
    )
    assert await stage.points(member) == 6
    window = {"from": (NOON - timedelta(hours=4)).isoformat(), "to": (NOON - timedelta(hours=2)).isoformat()}
    answer = await stage.put(owner, "reply", REPLY | {"multipliers": [window | {"percent": 250}]})
    assert answer.json()["rule"]["multipliers"][0]["percent"] == 250
    assert await stage.points(member) == 9


@pytest.mark.parametrize(
    ("terms", "pointer"),
    [
        ({"points": 0, "per_target_cap": 5}, "/per_target_cap"),
        ({"cooldown_minutes": 0}, "/cooldown_minutes"),
        ({"multipliers": [{"from": "2024-05-02T00:00:00Z", "to": "2024-05-01T00:00:00Z", "percent": 200}]}, "/to"),
        (
            {"multipliers": [{"from": "2024-05-01T00:00:00Z", "to": "2024-05-02T00:00:00Z", "percent": 1100}]},
            "/percent",
        ),
        ({"multipliers": [{"from": "2024-05-01T00:00:00Z", "to": "2024-05-02T00:00:00Z", "percent": 9}]}, "/percent"),
    ],
)
async def test_limits_that_make_no_sense_are_refused(stage, owner, terms, pointer):
    answer = await stage.put(owner, "reply", REPLY | terms)
    assert answer.status_code == 422
    assert any(error["pointer"].endswith(pointer) for error in answer.json()["errors"]), answer.text
