"""Levels, badges, milestones, nominations and stars are told again as they were told."""

import json
from datetime import timedelta

import pytest

from chassis.messaging.republish import all_deeds
from chassis.testing import SettableClock
from services.gamification.definition import definition
from tests.service.gamification.deeds import a_reply, an_article
from tests.service.gamification.stage import NOON
from tests.service.gamification.stars.naming import Stars

MILESTONE = 7
KINDS = ("level.", "streak.", "badge.", "star.")


@pytest.fixture
async def stage(start_service):
    async with start_service(definition, clock=SettableClock(NOON)) as harness:
        stage = Stars(harness)
        await stage.open()
        yield stage


async def again(stage, since=None):
    runtime = stage.harness.runtime
    async with runtime.database.reading() as session:
        found = [one async for one in all_deeds(runtime.service.deeds, since)(session)]
    assert all(one.backfill for one in found)
    return sorted(
        (one.event.TYPE, one.id, one.version, one.occurred_at, json.loads(one.event.to_json()))
        for one in found
        if one.event.TYPE.removeprefix("qunxue.gamification.").startswith(KINDS)
    )


async def told(stage):
    found = [one for kind in KINDS for one in await stage.harness.published(kind)]
    return sorted((one.type, one.id, one.version, one.occurred_at, one.data) for one in found)


def kinds(messages):
    return {type_.removeprefix("qunxue.gamification.").removesuffix(".v1") for type_, *_ in messages}


async def a_badge(stage):
    """Awarded for a reply, taken back, and awarded by hand."""
    operator, member = await stage.member(roles=("operator",)), await stage.member()
    said = {"code": "helper", "name_zh": "热心", "name_en": "Helper"}
    criteria = [{"counter": "deeds", "trigger": "reply.posted", "at_least": 1}]
    body = {"community_id": str(stage.community_id), "criteria": criteria} | said
    badge = (await operator.client.post("/v1/badges", json=body)).json()
    await stage.harness.deliver(a_reply(stage.community_id, member.id, at=NOON))
    for verb in ("revoke", "award"):
        said = {"member_id": str(member.id), "reason": "误发"}
        answer = await operator.client.post(f"/v1/badges/{badge['id']}/{verb}", json=said)
        assert answer.status_code in (200, 201), answer.text


async def test_a_members_way_comes_again_with_id_version_time_and_words(stage):
    await a_badge(stage)
    climber = await stage.member()
    articles = [an_article(stage.community_id, climber.id, at=NOON - timedelta(days=day)) for day in range(2)]
    await stage.harness.deliver(*articles)
    await stage.check_in_on(climber, *range(MILESTONE))
    messages = await told(stage)
    assert kinds(messages) == {"badge.awarded", "badge.revoked", "streak.reached", "level.promoted"}
    assert await again(stage) == messages
    since = NOON + timedelta(days=MILESTONE - 1)
    late = [one for one in messages if one[3] >= since]
    assert 0 < len(late) < len(messages)
    assert await again(stage, since) == late


async def test_the_star_of_a_month_comes_again(stage):
    owner, members = await stage.member(roles=("owner",)), await stage.members(6)
    star = await stage.voted(members)
    await stage.over()
    assert (await stage.confirm(owner, star, members[0])).status_code == 200
    messages = [one for one in await told(stage) if one[0].endswith("star.confirmed.v1")]
    assert len(messages) == 1
    assert [one for one in await again(stage) if one[0].endswith("star.confirmed.v1")] == messages
    assert not [one for one in await again(stage, stage.harness.clock() + timedelta(days=1)) if "star" in one[0]]


async def test_a_month_without_a_star_is_not_told_again(stage):
    owner, members = await stage.member(roles=("owner",)), await stage.members(6)
    star = await stage.voted(members)
    await stage.over()
    assert (await stage.confirm(owner, star, None)).status_code == 200
    assert not [one for one in await again(stage) if "star" in one[0]]
