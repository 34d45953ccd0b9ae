"""Badges: awarded when what is counted reaches them, kept until they are revoked, and given to past achievers on request."""

import asyncio
from datetime import timedelta

import pytest

from chassis.testing import SettableClock
from services.gamification.badges import awarding, service
from services.gamification.badges.counters import counts_of
from services.gamification.definition import definition
from tests.service.gamification.deeds import a_like, a_reply, an_article, removed
from tests.service.gamification.stage import NOON, OnStage, Stage

TWO_REPLIES = [{"counter": "deeds", "trigger": "reply.posted", "at_least": 2}]


class Owned(Stage):
    """A community with an owner and an operator."""

    owner: OnStage
    operator: OnStage

    async def badge(self, code="helper", criteria=TWO_REPLIES, **fields):
        body = {"community_id": str(self.community_id), "code": code, "name_zh": "热心", "name_en": "Helper"}
        return await self.operator.client.post("/v1/badges", json=body | {"criteria": criteria} | fields)

    async def made(self, *args, **fields):
        answer = await self.badge(*args, **fields)
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def held(self, member, **query):
        params = {"community_id": str(self.community_id), "member_id": str(member.id)} | query
        answer = await member.client.get("/v1/badges/awards", params=params)
        assert answer.status_code == 200, answer.text
        return [(one["code"], one["badge_version"], one["cause"]) for one in answer.json()["items"]]

    async def replies(self, member, count, *, at=NOON, **options):
        replies = [a_reply(self.community_id, member.id, at=at + timedelta(seconds=n), **options) for n in range(count)]
        await self.harness.deliver(*replies)
        return replies

    async def by_hand(self, badge, member, verb="award", by=None):
        body = {"member_id": str(member.id), "reason": "帮助了很多新人"}
        return await (by or self.operator).client.post(f"/v1/badges/{badge['id']}/{verb}", json=body)

    async def grant(self, badge, *, dry_run=False):
        body = {"badge_id": badge["id"], "dry_run": dry_run}
        started = await self.operator.client.post("/v1/badges/grants", json=body)
        assert started.status_code == 202, started.text
        await self.harness.run_jobs()
        return (await self.operator.client.get(started.headers["Location"])).json()


@pytest.fixture
async def stage(start_service):
    async with start_service(definition, clock=SettableClock(NOON)) as harness:
        stage = Owned(harness)
        await stage.open()
        stage.owner = await stage.member(roles=("owner",))
        stage.operator = await stage.member(roles=("operator",))
        yield stage


async def test_a_badge_is_awarded_with_the_deed_that_reaches_it_and_only_once(stage):
    member = await stage.member()
    await stage.made()
    await stage.replies(member, 1)
    assert await stage.held(member) == []
    await stage.replies(member, 1)
    assert await stage.held(member) == [("helper", 1, "reached")]
    await stage.replies(member, 2)
    (told,) = await stage.harness.published("badge.awarded")
    assert (told.data["badge"], told.data["cause"]) == ({"code": "helper", "version": 1}, "reached")
    versions = [one.version for one in await stage.harness.published() if one.subject == str(member.id)]
    assert versions == list(range(1, len(versions) + 1))
    (shown,) = (await member.client.get("/v1/badges", params={"community_id": str(stage.community_id)})).json()["items"]
    assert shown["mine"] is not None


async def test_what_is_removed_no_longer_counts_but_a_badge_stays(stage):
    member = await stage.member()
    await stage.made()
    first, *_ = await stage.replies(member, 1)
    await stage.harness.deliver(removed(first, at=NOON))
    await stage.replies(member, 1)
    assert await stage.held(member) == []
    (third,) = await stage.replies(member, 1)
    await stage.harness.deliver(removed(third, at=NOON))
    assert await stage.held(member) == [("helper", 1, "reached")]


async def test_what_is_restored_counts_at_once(stage):
    member = await stage.member()
    await stage.made()
    first, *_ = await stage.replies(member, 1)
    await stage.harness.deliver(removed(first, at=NOON))
    await stage.replies(member, 1)
    assert await stage.held(member) == []
    await stage.harness.deliver(removed(first, at=NOON, version=3, restored=True))
    assert await stage.held(member) == [("helper", 1, "reached")]
    await stage.harness.deliver(removed(first, at=NOON, version=4))
    await stage.harness.deliver(removed(first, at=NOON, version=5, restored=True))
    assert len(await stage.harness.published("badge.awarded")) == 1


@pytest.mark.parametrize(("match", "after_replies"), [("all", []), ("any", [("both", 1, "reached")])])
async def test_all_or_any_of_the_criteria(stage, match, after_replies):
    member = await stage.member()
    await stage.made("both", [*TWO_REPLIES, {"counter": "checkins", "at_least": 1}], match=match)
    await stage.replies(member, 2)
    assert await stage.held(member) == after_replies
    assert (await stage.check_in(member)).status_code == 201
    assert await stage.held(member) == [("both", 1, "reached")]


async def test_streaks_xp_and_levels_are_counted_too(stage):
    member = await stage.member()
    for name, least in (("longest_streak", 2), ("xp", 100), ("level", 1)):
        await stage.made(f"by_{name}", [{"counter": name, "at_least": least}])
    await stage.check_in_on(member, 0, 1)
    assert [code for code, *_ in await stage.held(member)] == ["by_longest_streak"]
    await stage.harness.deliver(*[an_article(stage.community_id, member.id, at=NOON) for _ in range(4)])
    assert {code for code, *_ in await stage.held(member)} == {"by_longest_streak", "by_xp", "by_level"}


async def test_a_member_counts_as_whom_the_badge_says(stage):
    author, fan = await stage.members(2)
    likes = {"counter": "deeds", "trigger": "reaction.added", "at_least": 1}
    await stage.made("liked", [likes])
    await stage.harness.deliver(a_like(stage.community_id, author.id, by=fan.id, at=NOON))
    assert (await stage.held(author), await stage.held(fan)) == ([("liked", 1, "reached")], [])


async def test_history_awards_nothing_by_itself_and_past_achievers_are_given_it_on_request(stage):
    past, other = await stage.members(2)
    badge = await stage.made()
    await stage.replies(past, 3, backfill=True)
    assert await stage.held(past) == []
    shown = await stage.grant(badge, dry_run=True)
    assert (shown["state"], shown["result"]) == ("succeeded", {"awarded": 1})
    assert await stage.held(past) == []
    assert (await stage.grant(badge))["result"] == {"awarded": 1}
    assert (await stage.held(past), await stage.held(other)) == ([("helper", 1, "past")], [])
    assert (await stage.grant(badge))["result"] == {"awarded": 0}


async def test_who_has_left_is_no_past_achiever(stage):
    gone, there = await stage.members(2)
    badge = await stage.made()
    for one in (gone, there):
        await stage.replies(one, 2, backfill=True)
    await stage.leave(gone)
    assert (await stage.grant(badge))["result"] == {"awarded": 1}
    assert await stage.held(there) == [("helper", 1, "past")]


async def test_a_change_is_a_new_version_and_who_has_the_badge_keeps_it(stage):
    old, new = await stage.members(2)
    badge = await stage.made()
    await stage.replies(old, 2)
    harder = [TWO_REPLIES[0] | {"at_least": 3}]
    changed = await stage.operator.client.patch(
        f"/v1/badges/{badge['id']}", json={"criteria": harder}, headers={"If-Match": '"1"'}
    )
    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    await stage.replies(new, 2)
    assert await stage.held(new) == []
    await stage.replies(new, 1)
    assert (await stage.held(old), await stage.held(new)) == ([("helper", 1, "reached")], [("helper", 2, "reached")])


async def test_a_revoked_badge_is_not_awarded_by_itself_again_but_by_hand(stage):
    member = await stage.member()
    badge = await stage.made()
    await stage.replies(member, 2)
    assert (await stage.by_hand(badge, member, "revoke")).status_code == 200
    await stage.replies(member, 2)
    assert (await stage.grant(badge))["result"] == {"awarded": 0}
    assert await stage.held(member) == []
    assert len(await stage.held(member, revoked=True)) == 1
    (told,) = await stage.harness.published("badge.revoked")
    assert told.data["badge"]["code"] == "helper"
    assert (await stage.by_hand(badge, member)).status_code == 200
    assert await stage.held(member) == [("helper", 1, "by_hand")]
    assert (await stage.by_hand(badge, member)).json()["code"] == "already_exists"


async def test_nobody_awards_a_badge_to_themselves_or_revokes_their_own(stage):
    badge = await stage.made(criteria=[])
    for verb in ("award", "revoke"):
        assert (await stage.by_hand(badge, stage.operator, verb)).json()["code"] == "conflict_of_interest"
    assert (await stage.by_hand(badge, stage.operator, by=stage.owner)).status_code == 200


async def test_a_badge_that_is_not_enabled_is_awarded_to_nobody(stage):
    member = await stage.member()
    badge = await stage.made()
    await stage.operator.client.patch(f"/v1/badges/{badge['id']}", json={"enabled": False}, headers={"If-Match": '"1"'})
    await stage.replies(member, 2)
    assert await stage.held(member) == []
    assert (await stage.by_hand(badge, member)).json()["code"] == "illegal_transition"


@pytest.mark.parametrize(
    ("criterion", "pointer"),
    [
        ({"counter": "deeds", "at_least": 1}, "/criteria/0/trigger"),
        ({"counter": "deeds", "trigger": "nothing.done", "at_least": 1}, "/criteria/0/trigger"),
        ({"counter": "deeds", "trigger": "reply.posted", "beneficiary": "giver", "at_least": 1}, "/criteria/0/beneficiary"),
        ({"counter": "xp", "trigger": "reply.posted", "at_least": 1}, "/criteria/0/trigger"),
        ({"counter": "luck", "at_least": 1}, "/criteria/0/counter"),
    ],
)  # fmt: skip
async def test_criteria_that_nothing_could_fulfil_are_refused(stage, criterion, pointer):
    answer = await stage.badge(criteria=[criterion])
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)


async def test_a_level_can_ask_for_badges_and_for_deeds(stage):
    member = await stage.member()
    badge = await stage.made(criteria=[])
    items = [
        {"code": "seed", "name_zh": "种子", "name_en": "Seed", "xp": 0},
        {"code": "bush", "name_zh": "灌木", "name_en": "Bush", "xp": 5, "counts": TWO_REPLIES},
        {"code": "tree", "name_zh": "大树", "name_en": "Tree", "xp": 6, "badges": ["helper"]},
    ]
    params = {"community_id": str(stage.community_id)}
    put = await stage.owner.client.put("/v1/ladders", params=params, json={"items": items})
    assert put.status_code == 200, put.text
    await stage.harness.deliver(an_article(stage.community_id, member.id, at=NOON))

    async def progress():
        said = (await member.client.get("/v1/promotions/progress", params={"member_id": str(member.id)})).json()
        return said["level"]["code"], [(one["kind"], one["code"], one["missing"]) for one in said["missing"]]

    assert await progress() == ("seed", [("count", "reply.posted", 2)])
    await stage.replies(member, 2)
    assert await progress() == ("bush", [("badge", "helper", 1)])
    await stage.by_hand(badge, member)
    assert await progress() == ("tree", [])
    refused = await stage.owner.client.put(
        "/v1/ladders", params=params, json={"items": [items[0], items[2] | {"badges": ["no_such"]}]}
    )
    assert refused.json()["errors"][0]["pointer"] == "/items/1/badges"


async def test_what_somebody_has_is_not_counted_for_them_again(stage, monkeypatch):
    counted = []

    async def counting(session, members, counters):
        counted.append(set(members))
        return await counts_of(session, members, counters)

    monkeypatch.setattr(awarding, "counts_of", counting)
    await stage.made()
    has, has_not = await stage.members(2)
    await stage.replies(has, 2)
    counted.clear()
    await stage.harness.deliver(
        *[a_reply(stage.community_id, one.id, at=NOON + timedelta(hours=1)) for one in (has, has_not)]
    )
    assert counted == [{has_not.id}]


async def test_a_community_has_so_many_badges_and_no_more_however_many_are_made_at_once(stage, monkeypatch):
    monkeypatch.setattr(service, "MOST_BADGES", 1)
    answers = await asyncio.gather(*(stage.badge(f"one_{n}") for n in range(8)))
    assert sorted(one.status_code for one in answers) == [201] + [409] * 7


async def test_who_has_not_earned_a_badge_yet_sees_how_far_they_are_and_in_which_words(stage):
    member, other = await stage.members(2)
    await stage.made("helper", [TWO_REPLIES[0] | {"at_least": 2}])
    await stage.made(
        "both", [TWO_REPLIES[0] | {"at_least": 5}, {"counter": "longest_streak", "at_least": 3}], match="any"
    )
    await stage.replies(member, 2)

    async def said(one):
        params = {"community_id": str(stage.community_id)}
        items = (await one.client.get("/v1/badges", params=params)).json()["items"]
        return {
            item["code"]: [(each["title"], each["current"], each["at_least"]) for each in item["criteria"]]
            for item in items
        }

    assert await said(member) == {
        "helper": [("Replied", None, 2)],
        "both": [("Replied", 2, 5), ("Days in a row", 0, 3)],
    }
    other.client.headers["Accept-Language"] = "zh-CN"
    assert await said(other) == {
        "helper": [("回复讨论", 0, 2)],
        "both": [("回复讨论", 0, 5), ("连续打卡天数", 0, 3)],
    }
