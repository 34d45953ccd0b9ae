"""Rules as owners make them, and what a rule valid from the past changes."""

from datetime import timedelta

import pytest

from chassis.testing import SettableClock, received
from contracts.membership import MemberRoleChanged
from services.gamification.definition import definition
from services.gamification.earning.defaults import DEFAULT_RULES
from services.gamification.earning.rulemaking import TRIGGER_TO_COME
from services.gamification.earning.triggers import TRIGGERS
from services.gamification.ledger.verification import verify
from tests.service.gamification.deeds import a_reply, an_article
from tests.service.gamification.stage import JOINED, NOON, Stage

WELCOME = 10
REPLY = {"trigger": "reply.posted", "points": 2, "xp": 2, "daily_cap": 20}


class Ruled(Stage):
    async def appoint(self, one, *roles):
        changed = MemberRoleChanged(**self._member(one, JOINED, roles=roles))
        await self.harness.deliver(received(changed, occurred_at=JOINED, version=self._next(one.id)))
        return one

    async def put(self, owner, code, body, **query):
        return await owner.client.put(
            f"/v1/earning-rules/{code}", params={"community_id": str(self.community_id)} | query, json=body
        )

    async def points(self, one):
        wallet = (await one.client.get(f"/v1/wallets/{one.id}")).json()
        return wallet["points"] - WELCOME


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


async def test_every_community_has_the_default_rules(stage):
    member = await stage.member()
    response = await member.client.get("/v1/earning-rules", params={"community_id": str(stage.community_id)})
    rules = {rule["code"]: rule for rule in response.json()["items"]}
    assert (rules["article"]["points"], rules["case_study"]["points"], rules["violation_grave"]["points"]) == (
        30,
        40,
        -60,
    )
    assert rules["reply"]["daily_cap"] == 20
    assert all(rule["version"] == 0 and rule["in_force"] for rule in rules.values())


async def test_a_first_version_is_valid_since_ever_and_folds_the_past_again(stage, owner):
    member = await stage.member()
    replies = [a_reply(stage.community_id, member.id, at=NOON - timedelta(days=1, minutes=n)) for n in range(5)]
    await stage.harness.deliver(*replies)
    assert await stage.points(member) == 10
    shown = await stage.put(owner, "reply", REPLY | {"points": 4, "xp": 4}, dry_run=True)
    assert shown.status_code == 200, shown.text
    assert shown.json()["effects"] == {
        "members": 1,
        "awards": 5,
        "reversals": 5,
        "points": 10,
        "xp": 10,
        "partial": False,
    }
    assert await stage.points(member) == 10
    done = await stage.put(owner, "reply", REPLY | {"points": 4, "xp": 4})
    assert done.json()["effects"] == shown.json()["effects"]
    assert done.json()["rule"]["version"] == 1
    assert done.json()["rule"]["valid_from"] is None
    assert await stage.points(member) == 20


async def test_rules_set_before_or_after_what_happened_come_to_the_same(stage, owner):
    before, after = await stage.members(2)
    deeds = [(minutes, hours) for hours in (1, 30, 60) for minutes in range(0, 40, 5)]

    async def happen(member):
        await stage.harness.deliver(
            *[a_reply(stage.community_id, member.id, at=NOON - timedelta(hours=h, minutes=m)) for m, h in deeds]
        )

    await happen(after)
    rule = REPLY | {"points": 7, "xp": 3, "daily_cap": 30, "weekly_cap": 50}
    assert (await stage.put(owner, "reply", rule)).status_code == 200
    await happen(before)
    wallets = [(await one.client.get(f"/v1/wallets/{one.id}")).json() for one in (before, after)]
    assert wallets[0]["points"] == wallets[1]["points"]
    assert wallets[0]["xp"] == wallets[1]["xp"]


async def test_a_later_version_is_valid_from_now_and_leaves_the_past(stage, owner):
    member = await stage.member()
    await stage.put(owner, "reply", REPLY)
    await stage.harness.deliver(a_reply(stage.community_id, member.id, at=NOON - timedelta(hours=1)))
    done = await stage.put(owner, "reply", REPLY | {"points": 5})
    assert done.json()["rule"]["version"] == 2
    assert done.json()["effects"]["members"] == 0
    await stage.harness.deliver(a_reply(stage.community_id, member.id, at=NOON + timedelta(minutes=1)))
    assert await stage.points(member) == 2 + 5


async def test_a_version_valid_from_a_past_moment_folds_again_only_since_then(stage, owner):
    member = await stage.member()
    early, late = NOON - timedelta(days=20), NOON - timedelta(days=2)
    await stage.harness.deliver(*[a_reply(stage.community_id, member.id, at=at) for at in (early, late)])
    since = NOON - timedelta(days=3)
    done = await stage.put(owner, "reply", REPLY | {"points": 9, "valid_from": since.isoformat()})
    assert done.json()["effects"]["awards"] == 1
    assert await stage.points(member) == 2 + 9


async def test_a_version_valid_from_within_a_week_counts_what_the_week_had_paid_before(stage, owner):
    member = await stage.member()
    monday, wednesday = NOON - timedelta(days=14), NOON - timedelta(days=12)
    moments = [day + timedelta(minutes=n) for day in (monday, wednesday) for n in (0, 1)]
    await stage.harness.deliver(*[a_reply(stage.community_id, member.id, at=at) for at in moments])
    assert await stage.points(member) == 4 + 4
    rule = REPLY | {"points": 3, "weekly_cap": 6, "valid_from": (wednesday - timedelta(hours=1)).isoformat()}
    shown = await stage.put(owner, "reply", rule, dry_run=True)
    assert shown.json()["effects"]["points"] == (4 + 2) - (4 + 4)
    await stage.put(owner, "reply", rule)
    assert await stage.points(member) == 4 + 2


async def test_the_same_content_again_makes_no_version(stage, owner):
    for _ in range(3):
        response = await stage.put(owner, "reply", REPLY)
    assert response.json()["rule"]["version"] == 1
    versions = await owner.client.get(
        "/v1/earning-rules/reply/versions", params={"community_id": str(stage.community_id)}
    )
    assert [version["version"] for version in versions.json()["items"]] == [1, 0]


async def test_what_is_decided_for_later_stands_when_the_rule_is_edited_today(stage, owner):
    member = await stage.member()
    later = (NOON + timedelta(days=7)).isoformat()
    await stage.put(owner, "reply", REPLY)
    await stage.put(owner, "reply", REPLY | {"points": 7, "valid_from": later})
    edited = await stage.put(owner, "reply", REPLY | {"points": 3})
    assert (edited.json()["rule"]["version"], edited.json()["rule"]["in_force"]) == (3, True)
    for days, points in ((1, 3), (6, 3), (8, 7)):
        before = await stage.points(member)
        await stage.harness.deliver(a_reply(stage.community_id, member.id, at=NOON + timedelta(days=days)))
        assert await stage.points(member) - before == points


async def test_what_is_decided_for_later_can_be_had_today(stage, owner):
    await stage.put(owner, "reply", REPLY)
    planned = REPLY | {"points": 7}
    await stage.put(owner, "reply", planned | {"valid_from": (NOON + timedelta(days=7)).isoformat()})
    today = (await stage.put(owner, "reply", planned)).json()["rule"]
    assert (today["version"], today["points"], today["in_force"]) == (3, 7, True)
    again = (await stage.put(owner, "reply", planned)).json()["rule"]
    assert again["version"] == 3


async def test_a_rule_switched_off_pays_nothing_and_says_so(stage, owner):
    member = await stage.member()
    await stage.put(owner, "reply", REPLY | {"enabled": False})
    reply = a_reply(stage.community_id, member.id, at=NOON)
    await stage.harness.deliver(reply)
    assert await stage.points(member) == 0
    answer = await member.client.get(
        "/v1/earning-outcomes", params={"member_id": str(member.id), "source_id": str(reply.id)}
    )
    assert [item["code"] for item in answer.json()["items"]] == ["not_in_force"]


async def test_a_rule_of_the_communitys_own_pays_beside_the_defaults(stage, owner):
    member = await stage.member()
    rule = {
        "trigger": "article.published",
        "points": 7,
        "xp": 0,
        "when": [{"field": "kind", "op": "in", "value": ["guide", "material"]}],
    }
    assert (await stage.put(owner, "guides", rule)).status_code == 200
    await stage.harness.deliver(an_article(stage.community_id, member.id, at=NOON, kind="guide"))
    assert await stage.points(member) == 30 + 7


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"trigger": "reply.deleted"}, "/trigger"),
        ({"trigger": "discussion.started"}, "/trigger"),
        ({"beneficiary": "reader"}, "/beneficiary"),
        ({"when": [{"field": "body", "op": "eq", "value": "x"}]}, "/when/0/field"),
        ({"when": [{"field": "kind", "op": "in", "value": "answer"}]}, "/when/0/value"),
        ({"when": [{"field": "kind", "op": "eq", "value": ["answer"]}]}, "/when/0/value"),
        ({"when": [{"field": "kind", "op": "eq", "value": "answr"}]}, "/when/0/value"),
        ({"when": [{"field": "kind", "op": "in", "value": ["answer", 1]}]}, "/when/0/value"),
        ({"points": 0, "xp": 0, "daily_cap": None}, "/points"),
        ({"points": -5, "xp": 5, "daily_cap": None}, "/xp"),
        ({"points": -5, "xp": 0, "daily_cap": 5}, "/daily_cap"),
        ({"xp": -1}, "/xp"),
        ({"code": "other"}, "/code"),
    ],
)
async def test_a_rule_that_makes_no_sense_is_refused_by_field_and_changes_nothing(stage, owner, changes, pointer):
    response = await stage.put(owner, "reply", REPLY | changes)
    assert response.status_code == 422, response.text
    assert any(error["pointer"].endswith(pointer.removeprefix("#")) for error in response.json()["errors"])
    versions = await owner.client.get(
        "/v1/earning-rules/reply/versions", params={"community_id": str(stage.community_id)}
    )
    assert len(versions.json()["items"]) == 1


@pytest.mark.parametrize("trigger", TRIGGERS.to_come)
@pytest.mark.parametrize(("language", "title"), [("en", TRIGGER_TO_COME.en), ("zh-CN", TRIGGER_TO_COME.zh)])
async def test_a_rule_on_what_nothing_tells_yet_is_refused_in_both_languages(stage, owner, trigger, language, title):
    owner.client.headers["Accept-Language"] = language
    response = await stage.put(owner, "early", {"trigger": trigger, "points": 5, "xp": 5})
    problem = response.json()
    assert (response.status_code, problem["code"], problem["title"]) == (422, "trigger_to_come", title)
    assert [error["pointer"] for error in problem["errors"]] == ["/trigger"]
    offered = problem["errors"][0]["detail"]
    assert trigger not in offered
    assert all(name in offered for name in TRIGGERS.by_name)


@pytest.mark.parametrize("trigger", TRIGGERS.settled)
@pytest.mark.parametrize(("language", "word"), [("en", "penalty"), ("zh-CN", "处罚")])
async def test_no_rule_says_what_a_penalty_takes(stage, owner, trigger, language, word):
    owner.client.headers["Accept-Language"] = language
    for code in ("strict", "violation_minor"):
        response = await stage.put(owner, code, {"trigger": trigger, "points": -500, "xp": 0})
        (error,) = response.json()["errors"]
        assert (response.status_code, error["pointer"], error["code"]) == (422, "/trigger", "settled")
        assert word in error["detail"]


async def test_default_rules_on_what_nothing_tells_yet_say_so(stage):
    member = await stage.member()
    response = await member.client.get("/v1/earning-rules", params={"community_id": str(stage.community_id)})
    to_come = {rule["trigger"]: rule["to_come"] for rule in response.json()["items"]}
    assert to_come == {rule.trigger: rule.trigger in TRIGGERS.to_come for rule in DEFAULT_RULES}


@pytest.mark.parametrize("roles", [(), ("operator",), ("moderator", "lecturer", "mentor")])
async def test_only_owners_make_rules(stage, roles):
    member = await stage.appoint(await stage.member(), *roles)
    assert (await stage.put(member, "reply", REPLY)).status_code == 403


async def test_making_a_rule_is_audited(stage, owner):
    await stage.put(owner, "reply", REPLY | {"points": 3})
    audit = stage.harness.runtime.service.tables.chassis.audit_entries
    async with stage.harness.runtime.database.reading() as session:
        (entry,) = (await session.execute(audit.select())).all()
    assert (entry.action, entry.object_id) == ("earning_rules.write", "reply")
    assert entry.changes["points"] == [2, 3]


async def test_a_communitys_own_rule_is_called_what_the_community_says_wherever_it_shows(stage, owner):
    member = await stage.member()
    rule = {"trigger": "reply.posted", "points": 3, "xp": 3}
    own = (
        await stage.put(owner, "helping_hand", rule | {"title_zh": "热心 回复", "title_en": "A helping hand"})
    ).json()
    assert (own["rule"]["title"], own["rule"]["title_en"], own["rule"]["version"]) == ("A helping hand",) * 2 + (1,)
    await stage.harness.deliver(a_reply(stage.community_id, member.id, at=NOON))

    async def shown(language):
        member.client.headers["Accept-Language"] = language
        asked = {"member_id": str(member.id)}
        rules = (await member.client.get("/v1/earning-rules", params=asked)).json()["items"]
        outcomes = (await member.client.get("/v1/earning-outcomes", params=asked)).json()["items"]
        entries = (await member.client.get("/v1/ledger-entries", params=asked)).json()["items"]
        return (
            [one["title"] for one in rules if one["code"] == "helping_hand"]
            + [one["rule_title"] for one in outcomes if one["rule"] == "helping_hand"]
            + sorted({one["title"] for one in entries if (one["rule"] or {}).get("code") == "helping_hand"})
        )

    assert await shown("zh-CN") == ["热心 回复"] * 3
    assert await shown("en") == ["A helping hand"] * 3
    renamed = (await stage.put(owner, "helping_hand", rule | {"title_en": None}, dry_run=True)).json()["rule"]
    assert (renamed["title"], renamed["title_en"], await shown("en")) == ("热心 回复", None, ["A helping hand"] * 3)
    await stage.put(owner, "helping_hand", rule | {"title_en": None})
    assert await shown("en") == ["热心 回复"] * 3
    kept = (await stage.put(owner, "helping_hand", rule | {"points": 4})).json()["rule"]
    assert (kept["version"], kept["title_zh"]) == (2, "热心 回复")


async def test_a_rule_that_its_community_has_not_named_has_the_products_titles_beside_each_other(stage):
    member = await stage.member()
    rules = (await member.client.get("/v1/earning-rules", params={"community_id": str(stage.community_id)})).json()
    (reply,) = (one for one in rules["items"] if one["code"] == "reply")
    assert (reply["title_zh"], reply["title_en"]) == ("回复讨论", "Replied to a discussion")


@pytest.mark.parametrize(
    ("language", "cap", "way"), [("zh-CN", "每日上限", "处理中"), ("en", "in a day", "on its way")]
)
async def test_why_a_rule_paid_less_is_said_in_words(stage, owner, language, cap, way):
    member = await stage.member()
    await stage.put(owner, "reply", REPLY | {"daily_cap": 2})
    await stage.harness.deliver(*(a_reply(stage.community_id, member.id, at=NOON) for _ in range(2)))
    member.client.headers["Accept-Language"] = language
    asked = {"member_id": str(member.id)}
    outcomes = (await member.client.get("/v1/earning-outcomes", params=asked)).json()["items"]
    said = {one["code"]: one["text"] for one in outcomes if one["rule"] == "reply"}
    assert (said[None], cap in said["daily_cap"]) == (None, True)
    unknown = asked | {"source_id": str(stage.community_id)}
    assert way in (await member.client.get("/v1/earning-outcomes", params=unknown)).json()["nothing_text"]
