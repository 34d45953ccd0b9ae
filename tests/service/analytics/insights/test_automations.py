"""What operators have happen by itself: tried first, at most once for a member and a cause, never on history."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chassis.ids import new_id
from chassis.testing import received
from contracts.gamification import CheckinRecorded
from contracts.recruitment import ApplicationSubmitted, CampaignChannel, CampaignOpened, CampaignVisited
from services.analytics.automations.firing import set_off
from services.analytics.automations.rules import Cause
from services.analytics.facts.verbs import Verb
from tests.service.analytics.insights.conftest import INSIGHTS, TODAY
from tests.service.analytics.insights.test_rounds import day_of, missed_search, morning, week, write

AUTOMATIONS = "/v1/automations"
SILENCE = {"trigger": {"kind": "silence", "days": 3}, "tell": "mentors"}
CHECKIN = {"trigger": {"kind": "event", "type": "gamification.checkin.recorded"}, "tell": "the_member"}


async def makes(office, *, status=201, **fields):
    body = {"community_id": office.community, "title": "三天没动静"} | fields
    return await office.send("运营", AUTOMATIONS, body, status=status)


async def on(office, **fields):
    made = await makes(office, **fields)
    await office.send("运营", f"{AUTOMATIONS}/{made['id']}/dry-run")
    return await office.send("运营", f"{AUTOMATIONS}/{made['id']}/switch-on")


async def fired(office):
    return [one.data for one in await office.told("automation.fired")]


def checkin(office, member, **facts):
    told = CheckinRecorded(
        community_id=office.stage.community_id,
        checkin_id=facts.pop("id", None) or new_id(),
        member_id=member.id,
        day=TODAY,
        time_zone="Asia/Shanghai",
        origin="now",
    )
    return received(told, occurred_at=office.now, **facts)


async def test_whoever_is_silent_for_three_days_after_joining_is_told_of_once(office):
    automation = await on(office, **SILENCE)
    quiet, lively = await office.joins("静"), await office.joins("动")
    fresh = [await office.stage.member(joined_at=office.now) for _ in range(2)]
    await write(office, day_of(office, fresh[1].id, Verb.REPLIED, TODAY))
    assert quiet.id != lively.id
    await morning(office, days=2)
    assert await fired(office) == []
    for _ in range(2):
        await morning(office)
    [told] = await fired(office)
    assert (told["member_id"], told["tell"], told["title"]) == (str(fresh[0].id), "mentors", "三天没动静")
    assert (told["automation_id"], told["cause"]["kind"]) == (automation["id"], "member")
    listed = await office.see("运营", f"{AUTOMATIONS}/{automation['id']}/firings")
    assert [one["member"]["member_id"] for one in listed["items"]] == [str(fresh[0].id)]


async def test_it_cannot_be_switched_on_before_somebody_saw_whom_it_would_have_concerned(office):
    made = await makes(office, **SILENCE)
    path = f"{AUTOMATIONS}/{made['id']}"
    assert made["viewer"]["cannot"]["switch_on"] == "not_tried"
    assert (await office.send("运营", f"{path}/switch-on", status=409))["code"] == "not_tried"
    assert (await office.send("运营", f"{path}/switch-off", status=409))["code"] == "illegal_transition"
    await office.send("运营", f"{path}/dry-run")
    assert (await office.send("运营", f"{path}/switch-on"))["status"] == "on"
    await office.send("运营", f"{path}/switch-on", status=409)
    # Another title changes nothing; another number of days must be tried anew.
    renamed = await office.change("运营", path, {"title": "新人三天没动静"}, version=3)
    assert (renamed["status"], renamed["concerned"]) == ("on", 0)
    changed = await office.change("运营", path, {"trigger": {"kind": "silence", "days": 5}}, version=4)
    assert (changed["status"], changed["tried_at"], changed["trigger"]["days"]) == ("off", None, 5)
    assert (await office.send("运营", f"{path}/switch-on", status=409))["code"] == "not_tried"


async def test_a_dry_run_of_silence_lists_who_did_nothing_in_time_and_tells_nobody(office):
    at = office.now - timedelta(days=20)
    silent, late, early = [(await office.stage.members(1, joined_at=at))[0] for _ in range(3)]
    joined = TODAY - timedelta(days=20)
    await write(
        office,
        day_of(office, late.id, Verb.REPLIED, joined + timedelta(days=3)),
        day_of(office, early.id, Verb.REPLIED, joined + timedelta(days=2)),
    )
    made = await makes(office, **SILENCE)
    run = await office.send("运营", f"{AUTOMATIONS}/{made['id']}/dry-run")
    assert {one["member"]["member_id"] for one in run["items"]} == {str(silent.id), str(late.id)}
    assert (run["total"], run["automation"]["concerned"], run["automation"]["status"]) == (2, 2, "off")
    assert await fired(office) == []


async def test_a_message_sets_it_off_once_for_a_member_and_a_cause_and_history_never(office):
    await on(office, **CHECKIN)
    one, key = office["甲"], new_id()
    message = checkin(office, one, id=key)
    await office.stage.harness.deliver(message, message)
    await office.stage.harness.deliver(checkin(office, one, id=key))
    await office.stage.harness.deliver(checkin(office, one, backfill=True))
    [told] = await fired(office)
    assert (told["member_id"], told["cause"]) == (str(one.id), {"kind": "checkin", "id": str(key)})
    await office.stage.harness.deliver(checkin(office, one))
    assert len(await fired(office)) == 2


async def test_what_is_off_or_elsewhere_or_about_others_is_not_set_off(office):
    cohort = office.stage.known_as("首期")
    await makes(office, **CHECKIN)
    [inside] = await office.stage.members(1, cohort_id=cohort)
    await on(office, **CHECKIN, cohort_id=str(cohort))
    await office.stage.harness.deliver(checkin(office, office["甲"]), checkin(office, inside))
    assert [one["member_id"] for one in await fired(office)] == [str(inside.id)]


async def test_a_dry_run_of_a_message_counts_what_members_did(office):
    one = office["甲"]
    rows = [day_of(office, one.id, Verb.CHECKED_IN, TODAY - timedelta(days=days), n=2) for days in (1, 40)]
    await write(office, *rows)
    made = await makes(office, **CHECKIN)
    run = await office.send("运营", f"{AUTOMATIONS}/{made['id']}/dry-run")
    assert [(item["member"]["member_id"], item["times"]) for item in run["items"]] == [(str(one.id), 2)]


async def test_an_insight_of_a_rule_sets_it_off_from_a_severity_on(office):
    trigger = {"kind": "insight", "code": "searches_without_answer"}
    await on(office, trigger=trigger, tell="operators", min_severity="medium")
    await missed_search(office, "报销", 5)
    await missed_search(office, "休假", 20)
    await morning(office)
    [told] = await fired(office)
    severe = next(
        one
        for one in (await office.see("运营", INSIGHTS, community_id=office.community))["items"]
        if one["title"] == "休假"
    )
    assert told["cause"] == {"kind": "insight", "id": severe["id"]}
    assert "member_id" not in told


async def test_members_at_risk_set_it_off_and_an_insight_counts_them(office):
    await on(office, title="关怀", trigger={"kind": "risk"}, tell="mentors", raises=True, severity="medium")
    silent = [await office.joins(f"静{n}") for n in range(2)]
    await write(office, *(week(office, one.id, TODAY - timedelta(weeks=n)) for n in (3, 4, 5) for one in silent))
    await morning(office)
    assert {one["member_id"] for one in await fired(office)} == {str(one.id) for one in silent}
    [insight] = (await office.see("运营", INSIGHTS, community_id=office.community, code="automated"))["items"]
    assert (insight["title"], insight["figures"], insight["severity"]) == ("关怀", {"times": 2}, "medium")
    assert "关怀" in insight["evidence"]


@pytest.mark.parametrize("age", [timedelta(days=400), timedelta(hours=30)], ids=["history", "yesterday"])
async def test_what_is_found_in_history_sets_nothing_off_the_next_morning(office, age):
    await on(office, trigger={"kind": "risk"}, tell="mentors")
    await on(office, trigger={"kind": "insight", "code": "searches_without_answer"}, tell="operators")
    [silent] = [await office.joins("静")]
    await write(office, *(week(office, silent.id, TODAY - timedelta(weeks=n)) for n in (3, 4, 5)))
    await missed_search(office, "报销", 20)
    told = checkin(office, office["甲"], backfill=True)
    await office.stage.harness.deliver(replace(told, occurred_at=office.now - age))
    await morning(office)
    listed = (await office.see("运营", INSIGHTS, community_id=office.community))["items"]
    assert "searches_without_answer" in {one["code"] for one in listed}
    is_history = age > timedelta(days=2)
    assert len(await fired(office)) == (0 if is_history else 2)
    await missed_search(office, "休假", 20)
    await morning(office, days=2)
    assert len(await fired(office)) == (1 if is_history else 3)


async def test_whoever_sets_the_same_off_at_the_same_moment_is_counted_in_one_insight(office):
    made = await on(office, title="关怀", trigger={"kind": "risk"}, raises=True)
    many = await office.stage.members(8)

    async def one(member):
        cause = Cause(office.stage.community_id, "risk", "risk", member.id, member.id)
        async with office.stage.harness.runtime.database.transaction() as session:
            await set_off(session, [cause], office.now)

    await asyncio.gather(*(one(member) for member in many))
    [insight] = (await office.see("运营", INSIGHTS, community_id=office.community))["items"]
    assert (insight["figures"], insight["object"]["id"]) == ({"times": 8}, made["id"])
    assert len(await fired(office)) == 8


@pytest.mark.parametrize(
    ("fields", "pointer", "code"),
    [
        ({"trigger": {"kind": "insight", "code": "weather"}, "tell": "operators"}, "/trigger/code", "unknown_rule"),
        (
            {"trigger": {"kind": "event", "type": "content.article.read"}, "tell": "mentors"},
            "/trigger/type",
            "unknown_event_type",
        ),
        ({"trigger": {"kind": "silence"}, "tell": "mentors"}, "/trigger/days", "missing"),
        ({"trigger": {"kind": "risk"}}, "/tell", "missing"),
        ({"trigger": {"kind": "insight", "code": "points_inflation"}, "tell": "mentors"}, "/tell", "no_member"),
        (
            {"trigger": {"kind": "insight", "code": "points_inflation"}, "tell": "operators", "channel": "poster"},
            "/channel",
            "no_member",
        ),
        ({"trigger": {"kind": "risk", "days": 3}, "tell": "mentors"}, "/trigger/days", "not_of_this_trigger"),
        (
            {"trigger": {"kind": "silence", "days": 3, "code": "points_inflation"}, "tell": "mentors"},
            "/trigger/code",
            "not_of_this_trigger",
        ),
        (SILENCE | {"min_severity": "high"}, "/min_severity", "no_severity"),
        (SILENCE | {"cohort_id": "01900000-0000-7000-8000-000000000000"}, "/cohort_id", "unknown_cohort"),
        (SILENCE | {"channel": "poster"}, "/channel", "unknown_channel"),
    ],
)
async def test_what_does_not_fit_together_is_refused(office, fields, pointer, code):
    [wrong] = (await makes(office, **fields, status=422))["errors"]
    assert (wrong["pointer"], wrong["code"]) == (pointer, code)
    assert (await office.see("运营", AUTOMATIONS, community_id=office.community))["items"] == []


def campaign(office, channel, *, community_id=None):
    opened = CampaignOpened(
        community_id=community_id or office.stage.community_id,
        campaign_id=new_id(),
        title="春季招募",
        channels=(CampaignChannel(code=channel, name="海报", kind="poster"),),
    )
    return received(opened, occurred_at=office.now)


@pytest.mark.parametrize("how", ["a campaign", "a visit", "an application", "a member"])
async def test_a_channel_is_known_once_a_campaign_has_it_or_somebody_comes_through_it(office, how):
    stage, anything = office.stage, {"community_id": office.stage.community_id, "campaign_id": new_id()}
    await stage.harness.deliver(campaign(office, "poster", community_id=new_id()))
    await makes(office, **SILENCE, channel="poster", status=422)
    if how == "a campaign":
        await stage.harness.deliver(campaign(office, "poster"))
    elif how == "a visit":
        seen = CampaignVisited(**anything, channel="poster", day=TODAY, visits=1)
        await stage.harness.deliver(received(seen, occurred_at=office.now))
    elif how == "an application":
        ids: dict[str, Any] = anything | {"application_id": new_id(), "person_id": new_id()}
        told = ApplicationSubmitted(**ids, channel="poster", to="submitted")
        await stage.harness.deliver(received(told, occurred_at=office.now))
    else:
        await stage.member(channel="poster")
    made = await makes(office, **SILENCE, channel="poster")
    path = f"{AUTOMATIONS}/{made['id']}"
    assert made["channel"] == "poster"
    [wrong] = (await office.change("运营", path, {"channel": "postr"}, version=1, status=422))["errors"]
    assert (wrong["code"], (await office.see("运营", path))["channel"]) == ("unknown_channel", "poster")


async def test_four_at_most_listen_to_one_event_about_the_same_members(office):
    await office.stage.harness.deliver(campaign(office, "poster"))
    for _ in range(4):
        await makes(office, **CHECKIN)
    [wrong] = (await makes(office, **CHECKIN, status=422))["errors"]
    assert (wrong["pointer"], wrong["code"]) == ("/trigger/type", "too_many_alike")
    other = await makes(office, **CHECKIN, channel="poster")
    path = f"{AUTOMATIONS}/{other['id']}"
    await office.change("运营", path, {"channel": None}, version=1, status=422)
    # Others change as before, and so does one of the four.
    await office.change("运营", path, {"raises": True}, version=1)
    one = (await office.see("运营", AUTOMATIONS, community_id=office.community))["items"][0]
    await office.change("运营", f"{AUTOMATIONS}/{one['id']}", {"raises": True}, version=1)


async def test_a_community_has_fifty_at_most(office):
    for _ in range(50):
        await makes(office, **SILENCE)
    assert (await makes(office, **SILENCE, status=409))["code"] == "too_many_automations"


async def test_only_those_who_run_the_community_know_of_automations(office):
    made = await makes(office, **SILENCE)
    path = f"{AUTOMATIONS}/{made['id']}"
    await office.see("甲", path, answered=404)
    await office.see("甲", f"{path}/firings", answered=404)
    await office.send("甲", f"{path}/dry-run", status=404)
    await office.see("甲", AUTOMATIONS, community_id=office.community, answered=403)


async def test_of_who_is_erased_nothing_stays_but_what_is_the_communitys(office):
    made = await on(office, trigger={"kind": "risk"}, tell="mentors")
    owned = await office.raises("群主", owner_id=str(office["群主"].id))
    silent = [await office.joins(f"静{n}") for n in range(3)]
    await write(office, *(week(office, one.id, TODAY - timedelta(weeks=n)) for n in (3, 4, 5) for one in silent))
    await morning(office)
    runtime = office.stage.harness.runtime
    for person in (silent[0].person_id, office["群主"].person_id):
        for _ in range(2):
            async with runtime.database.transaction() as session:
                for feature in runtime.service.features:
                    if feature.erasure is not None:
                        await feature.erasure(session, person, office.now)
    shown = await office.see("运营", f"{INSIGHTS}/{owned['id']}")
    assert (shown["owner"], shown["raised_by"], shown["evidence"]) == (None, None, owned["evidence"])
    listed = (await office.see("运营", f"{AUTOMATIONS}/{made['id']}/firings"))["items"]
    assert {one["member"]["member_id"] for one in listed} == {str(one.id) for one in silent[1:]}
    [insight] = (await office.see("运营", INSIGHTS, community_id=office.community, code="members_about_to_leave"))[
        "items"
    ]
    named = (await office.see("运营", f"{INSIGHTS}/{insight['id']}"))["members"]
    assert {one["member_id"] for one in named} == {str(one.id) for one in silent[1:]}


async def test_what_happened_in_an_archived_community_is_read_and_nothing_is_changed(office):
    made = await on(office, **SILENCE)
    await office.stage.change(status="archived")
    one = f"{AUTOMATIONS}/{made['id']}"
    seen = await office.see("运营", one)
    assert (seen["status"], seen["viewer"]["can"], set(seen["viewer"]["cannot"].values())) == (
        "on", [], {"community_archived"},
    )  # fmt: skip
    assert [row["id"] for row in (await office.see("运营", AUTOMATIONS, community_id=office.community))["items"]] == [
        made["id"]
    ]
    assert (await office.see("运营", f"{one}/firings"))["items"] == []
    for command in ("dry-run", "switch-off"):
        assert (await office.send("运营", f"{one}/{command}", status=409))["code"] == "community_archived"
