"""What every community pays until it says otherwise: limits by giver, shared articles, partial attendance; and how defaults change."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chassis.ids import new_id
from chassis.testing import SettableClock, received
from contracts import content
from contracts.fields import ContentObject
from services.gamification.definition import definition
from services.gamification.earning import defaults
from services.gamification.earning.editions import note_editions
from services.gamification.earning.models import DefaultEdition
from services.gamification.earning.rules import RuleVersion
from tests.service.gamification.deeds import a_like, a_reply, an_acceptance, an_article, an_attendance
from tests.service.gamification.stage import NOON, Stage

HOUR = timedelta(hours=1)


@pytest.fixture
async def stage(start_service):
    async with start_service(definition, clock=SettableClock(NOON)) as harness:
        stage = Stage(harness)
        await stage.open()
        yield stage


async def xp(one):
    return (await one.client.get(f"/v1/wallets/{one.id}")).json()["xp"]


async def refused(one):
    answer = await one.client.get("/v1/earning-outcomes", params={"member_id": str(one.id)})
    return [item["code"] for item in answer.json()["items"] if item["code"]]


async def test_three_likes_a_day_from_one_person_are_paid(stage):
    author, fan, other = await stage.members(3)
    likes = [a_like(stage.community_id, author.id, by=fan.id, at=NOON + n * HOUR) for n in range(5)]
    await stage.harness.deliver(*likes[::-1])
    await stage.harness.deliver(a_like(stage.community_id, author.id, by=other.id, at=NOON + 6 * HOUR))
    assert (await xp(author), await refused(author)) == (4, ["giver_limit"] * 2)


async def test_a_like_that_arrives_late_takes_the_place_that_was_its_own(stage):
    author, fan = await stage.members(2)
    likes = [a_like(stage.community_id, author.id, by=fan.id, at=NOON + n * HOUR) for n in range(4)]
    for like in (*likes[1:], likes[0]):
        await stage.harness.deliver(like)
    entries = await author.client.get("/v1/ledger-entries", params={"member_id": str(author.id), "limit": 100})
    standing: dict[str, int] = {}
    for entry in entries.json()["items"]:
        if entry["currency"] == "xp":
            standing[entry["source"]["id"]] = standing.get(entry["source"]["id"], 0) + entry["amount"]
    assert {source for source, amount in standing.items() if amount} == {str(like.id) for like in likes[:3]}


async def test_a_like_undone_and_given_again_is_the_same_like(stage):
    author, fan = await stage.members(2)
    given = a_like(stage.community_id, author.id, by=fan.id, at=NOON)
    gone = received(content.ReactionRemoved(**given.data.model_dump()), occurred_at=NOON + HOUR, version=2)
    again = received(content.ReactionAdded(**given.data.model_dump()), occurred_at=NOON + 2 * HOUR, version=3)
    for order in ([given, gone, again], [again, given, gone]):
        await stage.harness.deliver(*order)
        assert await xp(author) == 1


async def test_three_accepted_answers_a_week_from_one_asker_are_paid(stage):
    answerer, asker = await stage.members(2)
    for day in range(5):
        at = NOON + timedelta(days=day)
        await stage.harness.deliver(an_acceptance(stage.community_id, answerer.id, asker=asker.id, at=at))
    assert await xp(answerer) == 45
    at = NOON + timedelta(days=7)
    await stage.harness.deliver(an_acceptance(stage.community_id, answerer.id, asker=asker.id, at=at))
    assert await xp(answerer) == 60


async def test_an_article_is_paid_once_and_its_authors_share_it(stage):
    authors = await stage.members(7)
    await stage.harness.deliver(an_article(stage.community_id, *(one.id for one in authors), at=NOON))
    assert [await xp(one) for one in authors] == [6, 6, 6, 6, 6, 0, 0]
    # The other two are of other kinds of article.
    assert sorted(await refused(authors[6])) == ["condition", "condition", "too_many_authors"]


async def test_of_experiences_a_day_pays_for_one(stage):
    author = await stage.member()
    for n in range(2):
        await stage.harness.deliver(an_article(stage.community_id, author.id, at=NOON + n * HOUR, kind="experience"))
    assert await xp(author) == 15


@pytest.mark.parametrize(("extent", "points"), [("full", 10), ("partial", 5)])
async def test_partial_attendance_pays_half(stage, extent, points):
    member = await stage.member()
    attended = an_attendance(stage.community_id, member.id, at=NOON)
    await stage.harness.deliver(replace(attended, data=attended.data.model_copy(update={"extent": extent})))
    assert await xp(member) == points


@pytest.mark.parametrize(
    ("kind", "points"), [("topic", 15), ("question", 15), ("help_request", 15), ("poll", 0), ("announcement", 0)]
)
async def test_discussions_pay_by_kind_up_to_the_days_cap(stage, kind, points):
    member = await stage.member()
    for n in range(4):
        started = content.DiscussionStarted(
            community_id=stage.community_id, discussion_id=new_id(), kind=kind, title="Reading", author_id=member.id
        )
        await stage.harness.deliver(received(started, occurred_at=NOON + n * HOUR))
    assert await xp(member) == points


async def test_a_community_limits_givers_and_shares_by_its_own_rules(stage):
    owner = await stage.member(roles=("owner",))
    author, fan = await stage.members(2)
    rule = {
        "trigger": "reaction.added",
        "points": 4,
        "xp": 4,
        "beneficiary": "author",
        "per_giver": {"count": 1, "per": "week"},
        "shared": True,
    }
    params = {"community_id": str(stage.community_id)}
    answer = await owner.client.put("/v1/earning-rules/like_received", params=params, json=rule)
    said = answer.json()["rule"]
    assert (said["per_giver"], said["shared"]) == ({"count": 1, "per": "week"}, True)
    for n in range(2):
        like = a_like(stage.community_id, author.id, by=fan.id, at=NOON + n * HOUR)
        piece = ContentObject(kind="reply", id=new_id(), root_id=new_id(), author_ids=(author.id, owner.id))
        await stage.harness.deliver(replace(like, data=like.data.model_copy(update={"object": piece})))
    assert (await xp(author), await xp(owner)) == (2, 2)


@pytest.mark.parametrize(
    ("limit", "pointer"), [({"per_giver": {"count": 1, "per": "day"}}, "/per_giver"), ({"shared": True}, "/shared")]
)
async def test_limits_that_a_trigger_cannot_have_are_refused(stage, limit, pointer):
    owner = await stage.member(roles=("owner",))
    rule = {"trigger": "checkin.recorded", "points": 1, "xp": 1} | limit
    params = {"community_id": str(stage.community_id)}
    answer = await owner.client.put("/v1/earning-rules/own_rule", params=params, json=rule)
    assert (answer.status_code, [error["pointer"] for error in answer.json()["errors"]]) == (422, [pointer])


# --- a release changes a default ---------------------------------------------------------------------------------------


def dearer(monkeypatch):
    """The next release pays more for replies."""
    changed = RuleVersion("reply", "reply.posted", points=9, xp=9, beneficiary="author")
    monkeypatch.setattr(defaults, "CHANGED_DEFAULTS", {**defaults.CHANGED_DEFAULTS, 3: (changed,)})


async def test_a_default_that_a_release_changes_pays_nothing_backwards(stage, monkeypatch):
    await note_editions(stage.harness.runtime)
    member = await stage.member()
    await stage.harness.deliver(a_reply(stage.community_id, member.id, at=NOON))
    stage.harness.clock.advance(HOUR)
    dearer(monkeypatch)
    await note_editions(stage.harness.runtime)
    await stage.harness.deliver(a_reply(stage.community_id, member.id, at=NOON + HOUR / 2))
    assert await xp(member) == 4
    await stage.harness.deliver(a_reply(stage.community_id, member.id, at=NOON + HOUR))
    assert await xp(member) == 13


async def test_a_new_installation_has_the_newest_defaults_since_ever(stage, monkeypatch):
    dearer(monkeypatch)
    for _ in range(2):
        await note_editions(stage.harness.runtime)
        stage.harness.clock.advance(HOUR)
    member = await stage.member()
    await stage.harness.deliver(a_reply(stage.community_id, member.id, at=NOON))
    assert await xp(member) == 9


# --- an operating team has none ----------------------------------------------------------------------------------------


@pytest.fixture
async def team(start_service):
    async with start_service(definition, clock=SettableClock(NOON)) as harness:
        yield Stage(harness)


async def rules_of(stage, owner):
    params = {"community_id": str(stage.community_id)}
    return [rule["code"] for rule in (await owner.client.get("/v1/earning-rules", params=params)).json()["items"]]


async def test_an_operating_team_opens_without_rules_and_may_make_its_own(team):
    await team.open(kind="operations_team")
    owner = await team.member(roles=("owner",))
    member = await team.member()
    assert await rules_of(team, owner) == []
    assert (await team.check_in(member)).json()["awarded"] == []
    rule = {"trigger": "reply.posted", "points": 3, "xp": 3, "valid_from": None}
    params = {"community_id": str(team.community_id)}
    assert (await owner.client.put("/v1/earning-rules/reply", params=params, json=rule)).status_code == 200
    await team.harness.deliver(a_reply(team.community_id, member.id, at=NOON))
    assert (await xp(member), await rules_of(team, owner)) == (3, ["reply"])


async def test_what_its_members_did_before_it_was_heard_of_pays_nothing_either(team):
    member = await team.member()
    await team.harness.deliver(a_reply(team.community_id, member.id, at=NOON))
    await team.open(kind="operations_team")
    wallet = (await member.client.get(f"/v1/wallets/{member.id}")).json()
    assert (wallet["points"], wallet["xp"]) == (0, 0)


async def test_a_team_from_before_keeps_what_it_had_earned(team):
    async with team.harness.runtime.database.transaction() as session:
        session.add(DefaultEdition(edition=defaults.TEAMS_WITHOUT, began_at=NOON + HOUR))
    await team.open(kind="operations_team")
    member = await team.member()
    await team.harness.deliver(a_reply(team.community_id, member.id, at=NOON))
    await team.harness.deliver(a_reply(team.community_id, member.id, at=NOON + 2 * HOUR))
    assert await xp(member) == 2
