"""What rules find in the morning: raised once, refreshed, settled when it is gone, silent for a while after somebody dismissed it."""

from datetime import timedelta

import pytest
from sqlalchemy import delete

from chassis.ids import new_id
from chassis.timers import Timer
from services.analytics.facts.models import FactObject, MemberDay, MemberPeriod, ObjectDay, Place
from services.analytics.facts.verbs import Verb
from services.analytics.insights.rounds import look
from tests.service.analytics.insights.conftest import INSIGHTS, PLACE, TODAY
from tests.support.statements import listening, recorded

MONDAY = TODAY
STAFF = 99


async def write(office, *rows):
    async with office.stage.harness.runtime.database.transaction() as session:
        session.add_all(rows)


def thing(office, kind, sub_kind=None, title=None, *, at=None, **fields):
    return FactObject(
        kind=kind,
        id=new_id(),
        community_id=office.stage.community_id,
        sub_kind=sub_kind,
        title=title,
        at=at or office.now - timedelta(days=10),
        **fields,
    )


def done(office, verb, about, n, *, days_ago=5, staff=False, value=0.0):
    return ObjectDay(
        generation=1,
        community_id=office.stage.community_id,
        day=TODAY - timedelta(days=days_ago),
        verb=int(verb),
        about=about.id,
        staff=staff,
        n=n,
        value=value,
    )


def week(office, member_id, starts_on, deeds=1):
    return MemberPeriod(
        generation=1,
        community_id=office.stage.community_id,
        grain="week",
        starts_on=starts_on,
        member_id=member_id,
        staff=False,
        deeds=deeds,
        taking_part=0,
        reads=0,
    )


def day_of(office, member_id, verb, day, *, n=1, value=0.0, place=PLACE):
    return MemberDay(
        generation=1,
        community_id=office.stage.community_id,
        day=day,
        verb=int(verb),
        member_id=member_id,
        place_id=place,
        n=n,
        value=value,
    )


async def morning(office, **by):
    """Have the next morning come, and rules look."""
    office.later(**(by or {"days": 1}))
    await office.stage.harness.run_timers()


async def found(office, **query):
    return (await office.see("运营", INSIGHTS, community_id=office.community, **query))["items"]


async def missed_search(office, title="报销", times=5):
    one = thing(office, "search", "zh", title)
    await write(office, one, done(office, Verb.MISSED_SEARCH, one, times))
    return one


async def test_a_kind_of_activity_that_nobody_comes_to_is_found(office):
    empty = [thing(office, "activity", "workshop", "工作坊") for _ in range(3)]
    full = [thing(office, "activity", "sharing_session", "分享") for _ in range(3)]
    cancelled = thing(office, "activity", "contest", "竞赛")
    meetings = [thing(office, "activity", "meeting", "周会") for _ in range(3)]
    rows = [*empty, *full, cancelled, *meetings]
    rows += [done(office, Verb.ACTIVITY_COMPLETED, one, 1) for one in (*empty, *full, *meetings)]
    rows += [done(office, Verb.ATTENDED, empty[0], 2), done(office, Verb.ATTENDED, empty[0], 9, staff=True)]
    rows += [done(office, Verb.ATTENDED, one, 10) for one in full]
    await write(office, *rows)
    await morning(office)
    [insight] = await found(office)
    assert (insight["code"], insight["severity"], insight["title"]) == (
        "activities_nobody_comes_to",
        "medium",
        "workshop",
    )
    assert insight["figures"] == {"activities": 3, "attended": 2, "attended_on_average": pytest.approx(2 / 3)}
    assert insight["object"]["kind"] == "activity_kind"
    assert (insight["raised_by"], insight["status"]) == (None, "new")
    said = await office["运营"].client.get(f"{INSIGHTS}/{insight['id']}", headers={"Accept-Language": "en"})
    assert said.json()["evidence"].startswith(
        "3 activities of the kind “workshop” were held in 90 days; on average 0.7"
    )
    said = await office["运营"].client.get(f"{INSIGHTS}/{insight['id']}", headers={"Accept-Language": "zh-CN"})
    assert "工作坊" in said.json()["evidence"]
    assert not said.json()["suggestion"].isascii()


async def test_an_article_that_many_begin_and_few_finish_is_found(office):
    long, short, few, gone = (
        thing(office, "article", "guide", title, voided=title == "删了") for title in ("长文", "短文", "少人看", "删了")
    )
    rows = [long, short, few, gone]
    rows += [done(office, Verb.READ, one, 30) for one in (long, short, gone)] + [done(office, Verb.READ, few, 19)]
    rows += [done(office, Verb.FINISHED_READING, long, 2), done(office, Verb.FINISHED_READING, short, 20)]
    await write(office, *rows)
    await morning(office)
    [insight] = await found(office)
    assert (insight["code"], insight["title"]) == ("content_nobody_finishes", "长文")
    assert insight["object"] == {"kind": "article", "id": str(long.id)}
    assert insight["figures"] == {"readers": 30, "finished": 2}


async def test_a_topic_that_is_searched_for_and_not_found_is_found_from_five_times_on(office):
    await missed_search(office, "报销", 5)
    await missed_search(office, "休假", 4)
    await morning(office)
    [insight] = await found(office, code="searches_without_answer")
    assert insight["title"] == "报销"
    [told] = await office.told()
    assert told.data["figures"] == {"searches": 5}
    assert "报销" not in str(told.data)


async def test_questions_that_nobody_answered_are_found_once_they_waited_long_enough(office):
    asked = [thing(office, "discussion", "question", "怎么做") for _ in range(4)]
    young = [thing(office, "discussion", "question", "刚问", at=office.now - timedelta(days=1)) for _ in range(9)]
    topics = [thing(office, "discussion", "topic", "闲聊") for _ in range(9)]
    await write(office, *asked, *young, *topics, done(office, Verb.REPLIED, asked[0], 1))
    await morning(office)
    [insight] = await found(office)
    assert (insight["code"], insight["figures"]) == ("questions_left_unanswered", {"asked": 4, "unanswered": 3})


async def test_members_who_fall_silent_are_told_of_once_and_named_to_those_who_run_the_community(office):
    silent = [await office.joins(f"静{n}") for n in range(3)]
    lively = await office.joins("动")
    boss = office["运营"]
    before = [MONDAY - timedelta(weeks=n) for n in (3, 4, 5)]
    rows = [week(office, one.id, at) for one in (*silent, lively, boss) for at in before]
    rows += [week(office, lively.id, MONDAY - timedelta(weeks=1))]
    rows += [day_of(office, silent[0].id, Verb.REPLIED, before[0])]
    await write(office, *rows)
    await morning(office)
    told = await office.told("risk.detected")
    assert {one.data["member_id"] for one in told} == {str(one.id) for one in silent}
    assert {tuple(one.data["reasons"]) for one in told} == {("silent_after_activity",)}
    last = {one.data["member_id"]: one.data.get("last_active_on") for one in told}
    assert last[str(silent[0].id)] == before[0].isoformat()
    [insight] = await found(office)
    assert (insight["code"], insight["figures"]) == ("members_about_to_leave", {"active_before": 4, "at_risk": 3})
    named = (await office.see("运营", f"{INSIGHTS}/{insight['id']}"))["members"]
    assert {one["member_id"] for one in named} == {str(one.id) for one in silent}
    await morning(office)
    assert len(await office.told("risk.detected")) == 3
    # They come back: nobody is named any more, and the insight is settled.
    await write(office, *[week(office, one.id, MONDAY) for one in silent])
    await morning(office)
    assert await found(office, status="new") == []
    [over] = await found(office, status="resolved")
    assert (await office.see("运营", f"{INSIGHTS}/{over['id']}"))["members"] == []


async def test_a_channel_whose_recruits_vanish_is_found_beside_the_others(office):
    joined = office.now - timedelta(days=100)
    poster = await office.stage.members(10, joined_at=joined, channel="poster")
    friends = await office.stage.members(10, joined_at=joined, channel="friends")
    await office.stage.members(10, joined_at=office.now - timedelta(days=5), channel="poster")
    # Whoever ran the community at any time was no recruit like others.
    await office.stage.members(4, joined_at=joined, channel="poster", roles=("operator",))
    rows = [week(office, one.id, MONDAY - timedelta(weeks=1)) for one in (*friends[:8], poster[0])]
    await write(office, *rows)
    await morning(office)
    [insight] = await found(office)
    assert (insight["code"], insight["title"]) == ("channel_recruits_vanish", "poster")
    assert insight["figures"] == {"recruits": 10, "staying": 1, "others": 10, "others_staying": 8}


async def test_points_that_grow_faster_than_what_is_done_are_found(office):
    member = office["甲"].id
    rows = [
        day_of(office, member, Verb.EARNED_POINTS, TODAY - timedelta(days=40), value=1000.0),
        day_of(office, member, Verb.EARNED_POINTS, TODAY - timedelta(days=4), value=2600.0),
        *(day_of(office, member, Verb.REPLIED, TODAY - timedelta(days=days)) for days in (4, 40)),
    ]
    # What staff got and did is no part of it.
    rows.append(Place(id=STAFF, department_code="D1", job_grade="P5", site="elsewhere", staff=True))
    runs = office["运营"].id
    rows.append(day_of(office, runs, Verb.EARNED_POINTS, TODAY - timedelta(days=41), value=9000.0, place=STAFF))
    rows.append(day_of(office, runs, Verb.REPLIED, TODAY - timedelta(days=4), place=STAFF))
    await write(office, *rows)
    await morning(office)
    [insight] = await found(office)
    assert (insight["code"], insight["severity"]) == ("points_inflation", "high")
    assert (insight["figures"]["issued_before"], insight["figures"]["active"]) == (1000, 1)
    assert insight["figures"]["growth"] == pytest.approx(2.6)


async def test_a_rule_raises_the_same_once_and_refreshes_what_nobody_has_looked_at(office):
    one = await missed_search(office)
    await morning(office)
    await morning(office)
    [insight] = await found(office)
    await write(office, done(office, Verb.MISSED_SEARCH, one, 20, days_ago=4))
    await morning(office)
    [again] = await found(office)
    assert (again["id"], again["figures"], again["severity"]) == (insight["id"], {"searches": 25}, "medium")
    await office.send("运营", f"{INSIGHTS}/{insight['id']}/acknowledge")
    await write(office, done(office, Verb.MISSED_SEARCH, one, 7, days_ago=3))
    await morning(office)
    assert (await found(office))[0]["figures"] == {"searches": 25}
    assert [told.type for told in await office.told()] == ["qunxue.analytics.insight.raised.v1"]


async def test_what_is_gone_is_settled_by_itself_unless_somebody_acts_on_it(office):
    await missed_search(office, "报销")
    await missed_search(office, "休假")
    await morning(office)
    acting = next(one for one in await found(office) if one["title"] == "休假")
    await office.send("运营", f"{INSIGHTS}/{acting['id']}/acknowledge")
    await office.send("运营", f"{INSIGHTS}/{acting['id']}/act", {"change": "写了一篇"})
    async with office.stage.harness.runtime.database.transaction() as session:
        await session.execute(delete(ObjectDay))
    await morning(office)
    assert {one["title"]: one["status"] for one in await found(office)} == {"报销": "resolved", "休假": "acting"}
    assert [told.type.split(".")[3] for told in await office.told()] == ["raised", "raised", "resolved"]


async def test_what_was_dismissed_is_not_raised_again_before_its_time(office):
    one = await missed_search(office)
    await morning(office)
    [insight] = await found(office)
    await office.send("运营", f"{INSIGHTS}/{insight['id']}/dismiss")
    for days in (14, 13):
        await morning(office, days=days)
        await write(office, done(office, Verb.MISSED_SEARCH, one, 5, days_ago=-days))
    assert await found(office, status="new") == []
    await morning(office, days=2)
    assert len(await found(office, status="new")) == 1


async def test_no_more_than_five_of_a_rule_are_open_at_a_time(office):
    for n in range(8):
        await missed_search(office, f"题{n}", 5 + n)
    await morning(office)
    assert sorted(one["title"] for one in await found(office)) == [f"题{n}" for n in (3, 4, 5, 6, 7)]
    await morning(office)
    assert len(await found(office)) == 5


async def test_rules_look_once_a_day_and_not_before_the_communitys_morning(office):
    await missed_search(office)
    # Noon in Shanghai: this day's look is made, and 06:45 of the next day is before its morning.
    await morning(office, hours=1)
    [first] = await found(office)
    await office.send("运营", f"{INSIGHTS}/{first['id']}/dismiss")
    one = await missed_search(office, "休假")
    await morning(office, hours=17, minutes=40)
    assert await found(office, status="new") == []
    await morning(office, minutes=40)
    [second] = await found(office, status="new")
    assert second["object"]["id"] == str(one.id)


async def test_nobody_looks_at_an_archived_community(office):
    await missed_search(office)
    await office.stage.change(status="archived")
    await morning(office)
    assert await office.told() == []


async def test_what_lies_elsewhere_is_found_by_nobody_here(office):
    elsewhere = new_id()
    one = thing(office, "search", "zh", "报销")
    one.community_id = elsewhere
    row = done(office, Verb.MISSED_SEARCH, one, 9)
    row.community_id = elsewhere
    await write(office, one, row)
    await morning(office)
    assert await found(office) == []


async def test_a_look_takes_as_many_statements_for_many_as_for_few(office):
    """A topic and three silent members; then five topics and thirty."""
    before = [MONDAY - timedelta(weeks=n) for n in (3, 4, 5)]

    async def looked_at(topics, silent):
        for n in range(topics):
            await missed_search(office, f"题{topics}{n}", 5 + n)
        members = await office.stage.members(silent)
        await write(office, *(week(office, one.id, at) for one in members for at in before))
        made = []
        for code in ("searches_without_answer", "members_about_to_leave"):
            timer = Timer(new_id(), "", office.stage.community_id, office.now, office.now)
            with recorded() as statements:
                async with office.stage.harness.runtime.database.transaction() as session:
                    await look(code, session, timer)
            made.append([one.sql for one in statements])
        return made

    with listening():
        await looked_at(1, 3)
        few = await looked_at(1, 3)
        many = await looked_at(4, 30)
    assert [len(one) for one in many] == [len(one) for one in few]
    assert len(await office.told("risk.detected")) == 36
