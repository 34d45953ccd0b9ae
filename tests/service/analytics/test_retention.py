"""Retention through the API, beside what plain SQL finds in the raw facts."""

import random
from datetime import date, datetime
from itertools import product
from weakref import WeakKeyDictionary

import pytest

from chassis.ids import new_id
from chassis.testing import SettableClock, received
from contracts import content
from contracts.membership import MemberJoined, MemberRoleChanged
from services.analytics.definition import definition
from services.analytics.retention import keeping
from services.analytics.retention.rules import CohortGrain, later
from tests.service.analytics.retained import DAY, HOUR, QUESTIONS, ZONE, Retained, Story
from tests.service.stage import NOON, moment


@pytest.fixture
async def stage(start_service):
    async with start_service(definition, clock=SettableClock(NOON)) as harness:
        stage = Retained(harness)
        await stage.prepare()
        yield stage


def at(text: str) -> datetime:
    return moment(f"{text}T12:00:00Z")


async def test_by_the_calendar_who_left_is_still_one_of_the_cohort(stage):
    one, two, three = await stage.members(3, joined_at=at("2024-02-20"))
    await stage.leave_at(three, at("2024-03-15"))
    await stage.harness.deliver(
        stage.reply(one.id, at("2024-02-21")),
        stage.reply(one.id, at("2024-04-30")),
        stage.reply(two.id, at("2024-03-01")),
        stage.reply(three.id, at("2024-03-02")),
    )
    found = await stage.cells(cohort="month", **{"from": "2024-02-01", "to": "2024-03-01"})
    assert found == {"2024-02-01": (3, [1, 2, 1, 0]), "2024-03-01": (0, [0, 0, 0, None])}


async def test_the_same_by_the_time_since_each_joined(stage):
    one, two = await stage.member(joined_at=at("2024-01-31")), await stage.member(joined_at=at("2024-01-02"))
    await stage.harness.deliver(
        # The last day of the first month from 31 January, and the first of the second.
        stage.reply(one.id, at("2024-02-28")),
        stage.reply(one.id, at("2024-02-29")),
        stage.reply(two.id, at("2024-02-01")),
        stage.reply(two.id, at("2024-02-02")),
        stage.reply(two.id, at("2024-04-02")),
    )
    found = await stage.retention(cohort="month", count="rolling", **{"from": "2024-01-01", "to": "2024-01-31"})
    (january,) = found["items"]
    # From 30 April on the last of them is in the fourth window.
    assert [(cell["n"], cell["share"], cell["complete"]) for cell in january["cells"][:4]] == [
        (2, 1.0, True),
        (2, 1.0, True),
        (0, 0.0, True),
        (1, 0.5, False),
    ]
    assert january["cells"][4:] == [None]


async def test_who_ran_the_community_on_their_first_day_is_left_out_unless_asked_for(stage):
    plain = await stage.member(joined_at=at("2024-04-02"))
    staff = await stage.member(joined_at=at("2024-04-02"), roles=("owner",))
    promoted = await stage.member(joined_at=at("2024-04-03"))
    later_on = MemberRoleChanged(**stage._member(promoted, at("2024-04-03"), roles=("operator",)))
    await stage.harness.deliver(
        received(later_on, occurred_at=at("2024-04-20"), version=9),
        *(stage.reply(one.id, at("2024-05-02")) for one in (plain, staff, promoted)),
    )
    days = {"from": "2024-04-01", "to": "2024-04-30"}
    assert await stage.cells(**days) == {"2024-04-01": (2, [0, 2])}
    assert await stage.cells(**days, staff=True) == {"2024-04-01": (3, [0, 3])}


async def test_reading_alone_is_no_activity(stage):
    one = await stage.member(joined_at=at("2024-05-01"))
    read = content.ArticleRead(
        community_id=stage.community_id, article_id=new_id(), member_id=one.id, progress=1.0, finished=True
    )
    await stage.harness.deliver(received(read, occurred_at=at("2024-05-02")))
    assert (await stage.cells(cohort="week", cells=2))["2024-04-29"] == (1, [0, 0])


async def test_who_comes_back_is_of_the_cohort_of_their_first_day(stage):
    one = await stage.member(joined_at=at("2024-02-05"))
    await stage.leave_at(one, at("2024-02-20"))
    again = MemberJoined(**stage._member(one, at("2024-04-08")))
    await stage.harness.deliver(received(again, occurred_at=at("2024-04-08"), version=9))
    await stage.harness.deliver(stage.reply(one.id, at("2024-04-09")))
    found = await stage.cells(**{"from": "2024-02-01"})
    assert found["2024-02-01"] == (1, [0, 0, 1, 0])
    assert found["2024-04-01"][0] == 0
    assert await stage.cells(**{"from": "2024-04-01", "to": "2024-04-30"}) == {"2024-04-01": (0, [0, 0])}


async def test_without_days_the_last_twelve_cohorts_are_answered_and_the_width_may_be_named(stage):
    found = await stage.retention(cohort="week", cells=3)
    assert [item["cohort"] for item in found["items"]][::11] == ["2024-02-19", "2024-05-06"]
    assert {len(item["cells"]) for item in found["items"]} == {3}
    assert (found["cohort"], found["count"], found["as_of"]) == ("week", "calendar", "2024-05-06T04:00:00Z")


@pytest.mark.parametrize(
    ("query", "pointer", "code"),
    [
        ({"from": "2024-05-01", "to": "2024-04-30"}, "#/query/to", "before_from"),
        ({"from": "1990-01-01", "to": "2024-04-30"}, "#/query/to", "too_many_cohorts"),
        ({"cells": 121}, "#/query/cells", None),
        ({"cohort": "year"}, "#/query/cohort", None),
        ({"from": "yesterday"}, "#/query/from", None),
    ],
)
async def test_what_cannot_be_answered_is_refused_by_name(stage, query, pointer, code):
    errors = (await stage.retention(status=422, **query))["errors"]
    assert [error["pointer"] for error in errors] == [pointer]
    assert code in (None, errors[0]["code"])


async def test_members_do_not_read_it(stage):
    one = await stage.member()
    answer = await one.client.get("/v1/retention", params={"community_id": str(stage.community_id)})
    assert answer.status_code == 403


async def test_what_is_over_is_counted_once_and_again_after_something_late(stage, monkeypatch):
    """By what is asked of the database: how far back it is looked."""
    looked: list[date] = []
    active = keeping._active

    async def looking(session, asked, today, since, closed_at):
        looked.append(since)
        return await active(session, asked, today, since, closed_at)

    monkeypatch.setattr(keeping, "_active", looking)
    one, two = await stage.members(2, joined_at=at("2023-11-20"))
    await stage.harness.deliver(stage.reply(one.id, at("2023-12-02")), stage.reply(two.id, at("2024-05-05")))
    since = {"from": "2023-11-01", "to": "2023-11-30"}
    for count, recent in (("calendar", date(2024, 5, 1)), ("rolling", date(2024, 5, 4))):
        found = await stage.cells(count=count, **since)
        assert await stage.cells(count=count, **since) == found
        assert looked[-2:] == [date(2023, 11, 1), recent]
    before = await stage.cells(**since)
    # What happens now changes nothing that is over, and is in the next answer.
    await stage.harness.deliver(stage.reply(one.id, NOON - HOUR))
    assert (await stage.cells(**since))["2023-11-01"] == (2, [0, 1, 0, 0, 0, 0, 2])
    assert looked[-1] == date(2024, 5, 1)
    late = stage.reply(two.id, at("2024-01-02"))
    await stage.harness.deliver(late)
    assert (await stage.cells(**since))["2023-11-01"] == (2, [0, 1, 1, 0, 0, 0, 2])
    assert looked[-1] == date(2023, 11, 1)
    await stage.harness.deliver(stage.removed(late, NOON))
    assert (await stage.cells(**since))["2023-11-01"] == (2, [0, 1, 0, 0, 0, 0, 2])
    # Who is known late to have joined then.
    await stage.member(joined_at=at("2023-11-21"))
    assert (await stage.cells(**since))["2023-11-01"] == (3, [0, 1, 0, 0, 0, 0, 2])
    assert before["2023-11-01"] == (2, [0, 1, 0, 0, 0, 0, 1])


async def test_who_joins_after_the_cohort_was_first_looked_at_is_one_of_it(stage):
    days = {"from": "2024-04-01", "to": "2024-05-06"}
    await stage.member(joined_at=at("2024-04-03"))
    for count, grain in product(("calendar", "rolling"), CohortGrain):
        before = await stage.cells(count=count, cohort=grain, **days)
        new = await stage.member(joined_at=NOON - HOUR)
        await stage.harness.deliver(stage.reply(new.id, NOON - HOUR))
        after = await stage.cells(count=count, cohort=grain, **days)
        latest = max(after)
        assert after[latest][0] == before[latest][0] + 1
        assert after[latest][1][0] == before[latest][1][0] + 1


@pytest.mark.parametrize("seed", range(3))
async def test_what_is_kept_from_day_to_day_is_what_is_counted_anew(stage, seed, monkeypatch):
    """Some join and do something on each of some days, while the same is asked again and again."""
    chance = random.Random(seed)
    members = [await stage.member(joined_at=NOON - chance.randrange(90) * DAY) for _ in range(6)]
    for _ in range(8):
        now = stage.harness.clock.now
        members.append(await stage.member(joined_at=now - HOUR))
        told = [stage.reply(one.id, now - chance.randrange(30) * HOUR) for one in chance.sample(members[:-1], 5)]
        await stage.harness.deliver(*told)
        for question in QUESTIONS:
            await stage.retention(**question)
        await stage.harness.deliver(*(stage.removed(one, now) for one in told[:2]))
        kept = [await stage.retention(**question) for question in QUESTIONS]
        with monkeypatch.context() as forgetful:
            forgetful.setattr(keeping, "_kept", WeakKeyDictionary())
            assert kept == [await stage.retention(**question) for question in QUESTIONS]
        stage.harness.clock.advance(chance.randrange(5, 200) * HOUR)


@pytest.mark.parametrize("seed", range(5))
async def test_any_order_of_what_is_told_gives_what_the_raw_facts_give(stage, seed):
    story = Story(stage, random.Random(seed))
    await story.tell()
    today = date(2024, 5, 6)
    for question in [*QUESTIONS, *QUESTIONS]:
        grain, rolling, staff = CohortGrain(question["cohort"]), question["count"] == "rolling", question["staff"]
        sizes, active = story.raw.retention(zone=ZONE, grain=grain.value, rolling=rolling, staff=staff)
        lasts = story.raw.last_first_days()
        found = await stage.cells(**question)
        assert {date.fromisoformat(name): size for name, (size, _) in found.items() if size} == sizes
        for name, (_, cells) in found.items():
            cohort = date.fromisoformat(name)
            since = lasts.get(cohort, cohort) if rolling else cohort
            expected = [active.get((cohort, k), 0) if later(since, grain, k) <= today else None for k in range(20)]
            assert cells == expected, (grain, rolling, staff, name)
