"""Insights raised by hand: who sees them, what becomes of one, and what waits for whom."""

import asyncio

import pytest

from tests.service.analytics.insights.conftest import INSIGHTS, TODAY

CHANGE = {"change": "改到午休时间", "changed_on": TODAY.isoformat()}


def at(insight, command=""):
    return f"{INSIGHTS}/{insight['id']}{command and '/'}{command}"


async def acted(office, **fields):
    """An insight on which somebody acts."""
    made = await office.raises()
    await office.send("运营", at(made, "acknowledge"))
    return await office.send("运营", at(made, "act"), CHANGE | fields)


async def test_an_insight_goes_from_what_was_seen_to_what_was_done_and_is_settled(office):
    made = await office.raises(severity="high")
    assert (made["status"], made["code"], made["severity"]) == ("new", "raised_by_hand", "high")
    assert (made["evidence"], made["raised_by"]["member_id"]) == ("周三的分享几乎没有人来。", str(office["运营"].id))
    taken = await office.send("群主", at(made, "acknowledge"), {"note": "先问问大家"})
    assert (taken["status"], taken["note"]) == ("acknowledged", "先问问大家")
    assert taken["owner"]["member_id"] == str(office["群主"].id)
    acting = await office.send("群主", at(made, "act"), {"change": "改到午休时间", "metric": "participation"})
    assert (acting["status"], acting["changed_on"], acting["metric"]) == ("acting", "2024-05-06", "participation")
    assert acting["effect_due_on"] == "2024-06-03"
    assert acting["note"] == "先问问大家"
    office.later(days=30)
    done = await office.send("群主", at(made, "resolve"), {"note": "来的人多了一倍"})
    assert (done["status"], done["note"], done["viewer"]["can"]) == ("resolved", "来的人多了一倍", [])
    assert await office.see("运营", at(made)) == done


async def test_what_was_changed_already_is_acted_upon_from_the_beginning(office):
    made = await office.raises(**CHANGE, metric="participation", owner_id=str(office["群主"].id))
    assert (made["status"], made["effect_due_on"]) == ("acting", "2024-06-03")
    assert made["owner"]["member_id"] == str(office["群主"].id)
    await office.send("群主", at(made, "resolve"))


@pytest.mark.parametrize(
    ("fields", "pointer", "code"),
    [
        ({"change": "改到午休时间"}, "/changed_on", "missing"),
        ({"changed_on": "2024-05-06"}, "/change", "missing"),
        ({"change": "改到午休时间", "changed_on": "2024-05-07"}, "/changed_on", "not_yet"),
        ({"owner_id": "甲"}, "/owner_id", "not_running_community"),
        ({"cohort_id": "01900000-0000-7000-8000-000000000000"}, "/cohort_id", "unknown_cohort"),
        ({"owner_id": "01900000-0000-7000-8000-000000000000"}, "/owner_id", "not_running_community"),
    ],
)
async def test_what_does_not_fit_together_is_refused_and_nothing_is_written(office, fields, pointer, code):
    body = fields | ({"owner_id": str(office["甲"].id)} if fields.get("owner_id") == "甲" else {})
    [wrong] = (await office.raises(**body, status=422))["errors"]
    assert (wrong["pointer"], wrong["code"]) == (pointer, code)
    assert (await office.see("运营", INSIGHTS, community_id=office.community))["items"] == []
    assert await office.told() == []


async def test_a_change_of_tomorrow_is_none_and_that_of_today_is_the_communitys(office):
    made = await office.raises()
    await office.send("运营", at(made, "acknowledge"))
    wrong = await office.send("运营", at(made, "act"), CHANGE | {"changed_on": "2024-05-07"}, status=422)
    assert wrong["errors"][0]["code"] == "not_yet"
    # 01:00 in Shanghai, where the next day has begun, and still the day before in UTC.
    office.later(hours=13)
    acting = await office.send("运营", at(made, "act"), CHANGE | {"changed_on": "2024-05-07"})
    assert acting["changed_on"] == "2024-05-07"


POSSIBLE = {
    "new": {"acknowledge", "dismiss"},
    "acknowledged": {"act", "dismiss"},
    "acting": {"resolve", "dismiss"},
    "resolved": set(),
    "dismissed": set(),
}
WAYS = {
    "new": [],
    "acknowledged": ["acknowledge"],
    "acting": ["acknowledge", "act"],
    "resolved": ["acknowledge", "act", "resolve"],
    "dismissed": ["dismiss"],
}


@pytest.mark.parametrize("state", POSSIBLE)
async def test_in_each_state_just_what_it_allows_is_done(office, state):
    for command in ("acknowledge", "act", "resolve", "dismiss"):
        made = await office.raises()
        for step in WAYS[state]:
            made = await office.send("运营", at(made, step), CHANGE if step == "act" else None)
        assert made["status"] == state
        allowed = command in POSSIBLE[state]
        assert (command in made["viewer"]["can"]) is allowed
        answer = await office.send(
            "运营", at(made, command), CHANGE if command == "act" else None, status=200 if allowed else 409
        )
        if not allowed:
            assert (answer["code"], answer["state"]) == ("illegal_transition", state)
            assert made["viewer"]["cannot"][command] == "illegal_transition"
            assert await office.see("运营", at(made)) == made


async def test_an_open_insight_is_given_to_another_on_the_version_that_was_read(office):
    made = await office.raises()
    given = await office.change("运营", at(made), {"owner_id": str(office["群主"].id), "note": "请看一下"}, version=1)
    assert (given["owner"]["member_id"], given["note"]) == (str(office["群主"].id), "请看一下")
    await office.change("运营", at(made), {"note": "我也看"}, version=1, status=412)
    wrong = await office.change("运营", at(made), {"owner_id": str(office["甲"].id)}, version=2, status=422)
    assert wrong["errors"][0]["code"] == "not_running_community"
    assert (await office.change("运营", at(made), {"owner_id": None}, version=2))["owner"] is None
    await office.send("运营", at(made, "dismiss"))
    await office.change("运营", at(made), {"note": "晚了"}, version=4, status=409)


async def test_only_those_who_run_the_community_know_of_insights(office):
    made = await office.raises()
    await office.joins("版主", "moderator")
    for name in ("甲", "版主"):
        await office.see(name, at(made), answered=404)
        await office.see(name, INSIGHTS, community_id=office.community, answered=403)
        await office.raises(name, status=403)
        await office.send(name, at(made, "dismiss"), status=404)
    assert (await office.see("群主", at(made)))["status"] == "new"


async def test_insights_are_listed_by_code_severity_state_and_owner(office):
    low = await office.raises(severity="low")
    office.later(hours=1)
    high = await office.raises(severity="high", owner_id=str(office["群主"].id))

    async def listed(name="运营", **query):
        found = (await office.see(name, INSIGHTS, community_id=office.community, **query))["items"]
        return [one["id"] for one in found]

    assert await listed() == [high["id"], low["id"]]
    assert await listed(severity="low") == [low["id"]]
    assert await listed(code="raised_by_hand") == [high["id"], low["id"]]
    assert await listed(code="unanswered") == []
    assert await listed("群主", mine="true") == [high["id"]]
    await office.send("运营", at(low, "acknowledge"))
    assert await listed(status="new") == [high["id"]]


async def test_the_desk_counts_what_nobody_has_looked_at_and_what_can_be_judged_now(office):
    async def desk():
        queues = await office.see("运营", "/internal/desk", community_id=office.community)
        return {one["code"]: (one["count"], one["href"]) for one in queues if one["code"].startswith("insight")}

    await office.raises()
    acting = await acted(office)
    assert {code: count for code, (count, _) in (await desk()).items()} == {"insights_new": 1, "insight_effects": 0}
    office.later(days=27)
    assert (await desk())["insight_effects"][0] == 0
    office.later(days=1)
    count, href = (await desk())["insight_effects"]
    assert count == 1
    assert [one["id"] for one in (await office.see("运营", href))["items"]] == [acting["id"]]
    assert len((await office.see("运营", (await desk())["insights_new"][1]))["items"]) == 1


async def test_who_owns_one_has_a_task_until_it_is_closed_or_they_run_the_community_no_more(office):
    async def tasks(name):
        found = await office.see(name, "/internal/tasks")
        return [one["object"]["id"] for one in found if one["code"] == "see_to_insight"]

    made = await office.raises(owner_id=str(office["群主"].id))
    assert (await tasks("群主"), await tasks("运营")) == ([made["id"]], [])
    await office.send("群主", at(made, "dismiss"))
    assert await tasks("群主") == []
    await office.raises(owner_id=str(office["运营"].id))
    assert len(await tasks("运营")) == 1
    await office.stage.leave(office["运营"])
    assert await tasks("运营") == []


async def test_messages_hold_numbers_and_nothing_that_anybody_wrote(office):
    made = await acted(office)
    await office.send("运营", at(made, "resolve"), {"note": "人多了"})
    other = await office.raises()
    await office.send("运营", at(other, "dismiss"))
    told = await office.told()
    assert [one.type for one in told] == [
        "qunxue.analytics.insight.raised.v1",
        "qunxue.analytics.insight.resolved.v1",
        "qunxue.analytics.insight.raised.v1",
    ]
    assert {str(one.data) for one in told if "分享" in str(one.data) or "人多" in str(one.data)} == set()


async def test_of_many_who_take_it_up_at_once_one_does(office):
    made = await office.raises()
    bodies = [office["群主"].client, office["运营"].client] * 4
    answers = await asyncio.gather(*(client.post(at(made, "acknowledge")) for client in bodies))
    assert sorted(one.status_code for one in answers) == [200] + [409] * 7


async def test_whoever_leaves_owns_no_open_insight_any_more(office):
    owner = await office.joins("搭档", "operator")
    open_one = await office.raises(owner_id=str(owner.id))
    closed = await office.raises(owner_id=str(owner.id))
    others = await office.raises(owner_id=str(office["运营"].id))
    await office.send("运营", f"{INSIGHTS}/{closed['id']}/dismiss")
    await office.stage.leave(owner)
    seen = {
        one["id"]: one["owner"] for one in (await office.see("运营", INSIGHTS, community_id=office.community))["items"]
    }
    assert seen[open_one["id"]] is None
    assert seen[closed["id"]]["member_id"] == str(owner.id)
    assert seen[others["id"]]["member_id"] == str(office["运营"].id)
    # Whoever has read it before does not write over that.
    await office.change("运营", f"{INSIGHTS}/{open_one['id']}", {"note": "谁来？"}, version=1, status=412)
