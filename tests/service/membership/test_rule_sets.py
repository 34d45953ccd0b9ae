"""A community's rules: versions, who is asked to acknowledge them until when, and what follows where somebody does not."""

from datetime import timedelta
from uuid import UUID

import pytest

from chassis.testing import received
from contracts.content import TextDecided
from services.membership.rule_sets.queries import rule_at
from tests.service.membership.scene import DAY
from tests.service.membership.test_standing import resolve

PATH = "/v1/rule-sets"
POLITE = {"code": "polite", "category": "etiquette", "title": "友善交流", "text": "请尊重他人。", "severity": "minor"}
NO_ADS = {
    "code": "no-ads",
    "category": "advertising",
    "title": "禁止广告",
    "text": "不得发布广告。",
    "severity": "serious",
}
HOUR = timedelta(hours=1)


@pytest.fixture
async def community(scene):
    return await scene.community()


async def draft(scene, community, *rules, **options):
    body = {"community_id": community["id"], "rules": list(rules or (POLITE, NO_ADS))}
    return await scene.send(scene.again("owner"), PATH, body, **options)


async def published(scene, community, *rules):
    made = await draft(scene, community, *rules)
    return await scene.send(scene.again("owner"), f"{PATH}/{made['id']}/publish")


async def acknowledge(scene, name, rule_set, *, status=200):
    return await scene.send(scene.again(name), f"{PATH}/{rule_set['id']}/acknowledge", status=status)


async def may_post(scene, name, community):
    """Whether the other services are told that they may; and whether their own list of permissions says the same."""
    [facts] = await resolve(scene, (scene.people[name], UUID(community["id"])))
    overdue = facts.member.is_overdue(scene.harness.clock())
    mine = await scene.see(scene.again(name), "/v1/people/me")
    [own] = [one for one in mine["memberships"] if one["community"]["id"] == community["id"]]
    assert (own["rules_to_acknowledge"] or {"overdue": False})["overdue"] is overdue
    return not overdue


# --- versions ------------------------------------------------------------------------------------------------------


async def test_a_draft_is_seen_by_those_who_write_it_and_a_version_by_every_member(scene, community):
    await scene.member("甲", community)
    made = await draft(scene, community)
    assert (made["state"], made["version"]) == ("draft", None)
    await scene.see(scene.again("甲"), f"{PATH}/{made['id']}", status=404)
    assert (await scene.see(scene.again("甲"), PATH, community_id=community["id"]))["items"] == []
    await scene.see(scene.again("甲"), f"{PATH}/current", community_id=community["id"], status=404)
    version = await scene.send(scene.again("owner"), f"{PATH}/{made['id']}/publish")
    assert (version["state"], version["version"]) == ("in_force", 1)
    read = await scene.see(scene.again("甲"), f"{PATH}/current", community_id=community["id"])
    assert [rule["code"] for rule in read["rules"]] == ["polite", "no-ads"]
    # Moderation has not let the words through yet.
    assert (read["hidden"], read["rules"][0]["title"]) == ("waiting", None)
    assert version["rules"][0]["title"] == "友善交流"


async def test_what_is_published_stays_as_it_is_and_a_newer_version_takes_its_place(scene, community):
    first = await published(scene, community)
    await scene.change(scene.again("owner"), f"{PATH}/{first['id']}", {"rules": [POLITE]}, status=409)
    await scene.send(scene.again("owner"), f"{PATH}/{first['id']}/publish", status=409)
    between = scene.harness.clock()
    scene.harness.clock.advance(DAY)
    second = await published(scene, community, POLITE)
    assert second["version"] == 2
    assert (await scene.see(scene.again("owner"), f"{PATH}/{first['id']}"))["state"] == "superseded"
    here = UUID(community["id"])
    async with scene.harness.runtime.database.reading() as session:
        found = await rule_at(session, here, "no-ads", between)
        assert found is not None
        assert (found[0], found[1]["severity"]) == (1, "serious")
        assert await rule_at(session, here, "no-ads", scene.harness.clock()) is None
        assert await rule_at(session, here, "polite", between - DAY) is None
    told = await scene.told("rule_set.published")
    assert [one["version"] for one in told] == [1, 2]
    assert told[0]["rules"][1] == {"code": "no-ads", "category": "advertising", "severity": "serious"}


async def test_rules_that_cannot_be_taken_are_pointed_at(scene, community):
    twice = await draft(scene, community, POLITE, NO_ADS, POLITE, status=422)
    assert twice["errors"][0]["pointer"] == "/rules/2/code"
    many = await draft(scene, community, *({**POLITE, "code": f"r{n}"} for n in range(101)), status=422)
    assert many["errors"][0]["pointer"] == "/rules"
    long = [{**POLITE, "code": f"r{n}", "text": "规" * 2000} for n in range(21)]
    assert (await draft(scene, community, *long, status=422))["errors"][0]["code"] == "too_long_together"
    await draft(scene, community)
    assert (await draft(scene, community, status=409))["code"] == "already_exists"
    waiting = await scene.community(opened=False)
    unopened = await draft(scene, waiting)
    refused = await scene.send(scene.again("owner"), f"{PATH}/{unopened['id']}/publish", status=409)
    assert (refused["code"], refused["state"]) == ("illegal_transition", "draft")


async def let_through(scene, rules):
    """What moderation decides of the rules, as content tells it."""
    (written,) = [one for one in await scene.told("text.written") if one["object"]["id"] == rules["id"]]
    event = TextDecided(**written, verdict="allow")
    await scene.harness.deliver(received(event, occurred_at=scene.harness.clock()))


async def test_nobody_is_led_to_acknowledge_what_they_do_not_read(scene, community):
    await scene.member("甲", community)
    rules = await published(scene, community)
    path = f"{PATH}/{rules['id']}"
    read = await scene.see(scene.again("甲"), path)
    assert (read["hidden"], read["rules"][0]["title"], read["viewer"]["can"]) == ("waiting", None, [])
    # Those who wrote it read it.
    assert "acknowledge" in (await scene.see(scene.again("owner"), path))["viewer"]["can"]
    await let_through(scene, rules)
    assert (await scene.see(scene.again("甲"), path))["viewer"]["can"] == ["acknowledge"]


# --- acknowledging -------------------------------------------------------------------------------------------------


async def test_a_member_has_14_days_and_then_reads_and_does_not_post_until_they_acknowledge(scene, community):
    await scene.member("甲", community)
    scene.harness.clock.advance(DAY)
    rules = await published(scene, community)
    scene.harness.clock.advance(14 * DAY - HOUR)
    assert await may_post(scene, "甲", community)
    scene.harness.clock.advance(HOUR)
    assert not await may_post(scene, "甲", community)
    tasks = await scene.see(scene.again("甲"), "/internal/tasks")
    assert [one["href"] for one in tasks if one["code"] == "acknowledge_rules"] == [f"{PATH}/{rules['id']}"]
    await let_through(scene, rules)
    read = await scene.see(scene.again("甲"), f"{PATH}/{rules['id']}")
    assert (read["own"]["overdue"], read["viewer"]["can"]) == (True, ["acknowledge"])
    given = await acknowledge(scene, "甲", rules)
    assert given["version"] == 1
    assert await may_post(scene, "甲", community)
    assert await acknowledge(scene, "甲", rules) == given
    assert len(await scene.told("rule_set.acknowledged")) == 1


async def test_who_is_owed_it_by_staff_is_told_what_to_do_first(scene, community):
    await scene.role("运营", community, "operator")
    scene.harness.clock.advance(DAY)
    rules = await published(scene, community)
    scene.harness.clock.advance(14 * DAY)
    body = {"community_id": community["id"], "area": "海报", "holder_id": str(scene.people["运营"])}
    refused = await scene.send(scene.again("运营"), "/v1/responsibilities", body, status=403)
    assert refused["code"] == "rules_not_acknowledged"
    assert refused["acknowledge"] == f"{PATH}/{rules['id']}/acknowledge"
    # What only a role reads rests with it, and the refusal does not promise that.
    other = await scene.member("甲", community)
    unread = await scene.see(scene.again("运营"), f"/v1/members/{other['id']}/standing", status=403)
    assert unread["code"] == "rules_not_acknowledged"
    assert unread["detail"].startswith("You read on what members read.")
    # Whom it would not help is told nothing of it.
    assert (await scene.send(scene.again("甲"), "/v1/responsibilities", body, status=403))["code"] == "forbidden"
    await acknowledge(scene, "运营", rules)
    assert (await scene.send(scene.again("运营"), "/v1/responsibilities", body, status=422))["code"] == "unknown_member"


async def test_who_joins_later_has_14_days_from_then_also_where_an_import_says_long_ago(scene, community):
    await published(scene, community)
    scene.harness.clock.advance(30 * DAY)
    await scene.member("新人", community)
    await scene.member("老人", community, joined_at="2020-01-01")
    scene.harness.clock.advance(14 * DAY - HOUR)
    assert await may_post(scene, "新人", community)
    assert await may_post(scene, "老人", community)
    scene.harness.clock.advance(HOUR)
    assert not await may_post(scene, "新人", community)
    assert not await may_post(scene, "老人", community)


async def test_nobody_gets_their_time_anew_by_leaving_and_coming_back(scene, community):
    members = {name: await scene.member(name, community) for name in ("迟", "早")}
    scene.harness.clock.advance(DAY)
    await published(scene, community)
    scene.harness.clock.advance(5 * DAY)
    await scene.send(scene.again("早"), f"/v1/members/{members['早']['id']}/leave")
    scene.harness.clock.advance(9 * DAY)
    await scene.send(scene.again("迟"), f"/v1/members/{members['迟']['id']}/leave")
    scene.harness.clock.advance(DAY)
    for name in members:
        await scene.member(name, community, joined_at=scene.harness.clock().isoformat())
    assert not await may_post(scene, "迟", community)
    assert await may_post(scene, "早", community)
    assert [one["overdue"] for one in await scene.told("rule_set.missed")] == [1]
    scene.harness.clock.advance(14 * DAY)
    assert not await may_post(scene, "早", community)


async def test_a_new_version_asks_anew_and_a_late_acknowledgement_of_the_old_one_changes_nothing(scene, community):
    for name in ("甲", "乙"):
        await scene.member(name, community)
    first = await published(scene, community)
    await acknowledge(scene, "甲", first)
    second = await published(scene, community, POLITE)
    late = await acknowledge(scene, "乙", first, status=409)
    assert (late["code"], late["rule_set_id"]) == ("superseded", second["id"])
    scene.harness.clock.advance(15 * DAY)
    assert not await may_post(scene, "甲", community)
    assert not await may_post(scene, "乙", community)
    await acknowledge(scene, "甲", second)
    assert await may_post(scene, "甲", community)


async def test_suspended_and_muted_members_acknowledge_and_strangers_do_not(scene, community):
    muted = await scene.member("禁言", community)
    rules = await published(scene, community)
    until = (scene.harness.clock() + DAY).isoformat()
    await scene.send(scene.again("owner"), f"/v1/members/{muted['id']}/mute", {"until": until, "reason": "刷屏"})
    await acknowledge(scene, "禁言", rules)
    await scene.client("路人")
    await acknowledge(scene, "路人", rules, status=403)
    await scene.see(scene.again("路人"), f"{PATH}/{rules['id']}", status=403)
    # Who left reads what they were held to.
    await scene.send(scene.again("禁言"), f"/v1/members/{muted['id']}/leave")
    await scene.see(scene.again("禁言"), f"{PATH}/{rules['id']}")


# --- who is missing ------------------------------------------------------------------------------------------------


async def test_who_is_missing_is_a_list_for_those_who_write_the_rules_and_a_number_on_their_desk(scene, community):
    for name in ("甲", "乙", "丙"):
        await scene.member(name, community)
    rules = await published(scene, community)
    await acknowledge(scene, "甲", rules)
    await acknowledge(scene, "owner", rules)
    path = f"{PATH}/{rules['id']}/missing"
    first = await scene.see(scene.again("owner"), path, limit=1)
    rest = await scene.see(scene.again("owner"), path, limit=1, cursor=first["next"])
    shown = [*first["items"], *rest["items"]]
    assert [one["member"]["display_name"] for one in shown] == ["乙", "丙"]
    assert not shown[0]["overdue"]
    await scene.see(scene.again("乙"), path, status=403)
    assert (await scene.see(scene.again("owner"), path, overdue=True))["items"] == []
    scene.harness.clock.advance(15 * DAY)
    late = await scene.member("丁", community)
    assert late["display_name"] == "丁"
    overdue = await scene.see(scene.again("owner"), path, overdue=True)
    assert [one["member"]["display_name"] for one in overdue["items"]] == ["乙", "丙"]


async def test_members_are_reminded_a_week_and_a_day_before_each_once(scene, community):
    await scene.member("甲", community)
    await scene.member("乙", community)
    rules = await published(scene, community)
    await acknowledge(scene, "乙", rules)
    await acknowledge(scene, "owner", rules)
    scene.harness.clock.advance(2 * DAY)
    await scene.member("晚", community)
    seen = {name: [] for name in ("甲", "乙", "晚")}
    for day in range(3, 20):
        scene.harness.clock.advance(DAY)
        await scene.harness.run_timers()
        for name, told in seen.items():
            inbox = await scene.see(scene.again(name), "/v1/notifications")
            days = [one["text"] for one in inbox["items"] if one["template"] == "reminder.rule_set"]
            if days and (not told or told[-1][1] != days[0]):
                told.append((day, days[0]))
    assert [day for day, _ in seen["甲"]] == [7, 13]
    assert [day for day, _ in seen["晚"]] == [9, 15]
    assert seen["乙"] == []
