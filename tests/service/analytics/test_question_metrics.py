"""Whether questions are answered and how soon, in a zone with daylight saving, against a plain recomputation."""

import random
from datetime import datetime, time, timedelta
from statistics import quantiles
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.days import day_began_at
from chassis.testing import SettableClock
from chassis.work_calendar import CHINA
from contracts import content
from services.analytics.definition import definition
from services.analytics.metrics.catalogue import questions
from services.analytics.processes.models import Answer, QuestionCourse
from tests.service.analytics.counted import Counted
from tests.service.analytics.courses import START, Telling
from tests.service.analytics.test_processes import empty, hear

BERLIN = "Europe/Berlin"
HOUR = timedelta(hours=1)
LATER = START + timedelta(days=400)


@pytest.fixture
async def stage(start_service):
    async with start_service(definition, clock=SettableClock(LATER)) as harness:
        stage = Counted(harness)
        await stage.open(time_zone=BERLIN, day_starts_at=time(4))
        await stage.prepare()
        yield stage


@pytest.fixture
def telling(stage):
    return Telling(here=stage.community_id)


def by_part(values):
    return {(item["from"], item["group"], item["part"]): (item["value"], item["n"]) for item in values}


async def test_what_counts_is_the_first_answer_that_can_be_seen(stage, telling):
    telling.ask("q", "asker", at=START)
    telling.reply("c", "q", "other", kind="comment", at=START + HOUR)
    telling.reply("spam", "q", "other", at=START + 2 * HOUR)
    telling.reply("own", "q", "asker", at=START + 3 * HOUR)
    telling.reply("late", "q", "other", at=START + 9 * HOUR)
    telling.ask("unanswered", "asker", at=START)
    telling.reply("only a comment", "unanswered", "other", kind="comment")
    telling.ask("topic", "asker", kind="topic", at=START)
    telling.ask("removed", "asker", at=START)
    telling.remove(content.DiscussionRemoved, "discussion", "removed", "removed")
    telling.remove(content.ReplyRemoved, "reply", "spam", "q")
    await stage.harness.deliver(*telling.told)
    (share,) = await stage.values("answered_share", "2024-03-29", "2024-03-29")
    assert (share["value"], share["n"]) == (0.5, 2)
    times = by_part(await stage.values("response_time", "2024-03-29", "2024-03-29"))
    assert times == {("2024-03-29", None, part): (3 * 3600, 1) for part in ("median", "p90")}


async def test_answers_of_a_duplicate_count_where_it_went_and_it_itself_nowhere(stage, telling):
    telling.ask("first", "asker", at=START)
    telling.ask("again", "other", at=START + 5 * HOUR)
    telling.reply("r", "again", "somebody", at=START + 6 * HOUR)
    telling.merge("again", "first")
    await stage.harness.deliver(*telling.told)
    (share,) = await stage.values("answered_share", "2024-03-29", "2024-03-29")
    assert (share["value"], share["n"]) == (1, 1)
    assert by_part(await stage.values("response_time", "2024-03-29", "2024-03-29"))["2024-03-29", None, "median"] == (
        6 * 3600,
        1,
    )


async def test_what_operators_ask_counts_only_if_asked_for_and_what_they_answer_does(stage, telling):
    operator = await stage.member(roles=("operator",))
    telling.ask("theirs", operator.id, at=START)
    telling.ask("q", "asker", at=START)
    telling.reply("r", "q", operator.id, at=START + HOUR)
    await stage.harness.deliver(*telling.told)
    (share,) = await stage.values("answered_share", "2024-03-29", "2024-03-29")
    assert (share["value"], share["n"]) == (1, 1)
    (share,) = await stage.values("answered_share", "2024-03-29", "2024-03-29", staff=True)
    assert (share["value"], share["n"]) == (0.5, 2)


async def test_a_night_and_a_weekend_are_no_working_time(stage, telling):
    friday = datetime(2024, 3, 29, 17, tzinfo=ZoneInfo(BERLIN))
    telling.ask("q", "asker", at=friday)
    telling.reply("r", "q", "other", at=datetime(2024, 4, 1, 10, tzinfo=ZoneInfo(BERLIN)))
    await stage.harness.deliver(*telling.told)
    clock = by_part(await stage.values("response_time", "2024-03-29", "2024-03-29"))
    assert clock["2024-03-29", None, "median"] == (64 * 3600, 1)
    working = by_part(await stage.values("response_time", "2024-03-29", "2024-03-29", working=True))
    assert working["2024-03-29", None, "median"] == (2 * 3600, 1)


async def test_a_question_belongs_to_the_communitys_day_also_after_the_day_moved(stage, telling):
    stage.harness.clock.now = START + timedelta(days=10)
    await stage.change(time_zone="Asia/Shanghai", day_starts_at=time(0))
    stage.harness.clock.now = LATER
    telling.ask("before", "asker", at=datetime(2024, 3, 30, 3, 59, tzinfo=ZoneInfo(BERLIN)))
    telling.ask("after", "asker", at=datetime(2024, 4, 20, 0, 1, tzinfo=ZoneInfo("Asia/Shanghai")))
    await stage.harness.deliver(*telling.told)
    values = await stage.values("answered_share", "2024-03-28", "2024-04-21", grain="day")
    assert {item["from"] for item in values if item["n"]} == {"2024-03-29", "2024-04-20"}


async def test_what_was_not_asked_has_no_share_and_no_time(stage):
    (share,) = await stage.values("answered_share", "2024-03-29", "2024-03-29")
    assert (share["value"], share["n"]) == (None, 0)
    assert {item["value"] for item in await stage.values("response_time", "2024-03-29", "2024-03-29")} == {None}


async def test_every_question_is_read_once_however_many_pages_there_are(stage, telling, monkeypatch):
    monkeypatch.setattr(questions, "PAGE", 2)
    for number in range(7):
        # Several at one moment.
        telling.ask(f"q{number}", "asker", at=START + number // 3 * HOUR)
    await stage.harness.deliver(*telling.told)
    (share,) = await stage.values("answered_share", "2024-03-29", "2024-03-29")
    assert (share["value"], share["n"]) == (0, 7)


ASKED = st.lists(
    st.tuples(
        st.timedeltas(timedelta(0), timedelta(days=12)),
        st.sampled_from(("question", "help_request", "topic")),
        st.one_of(st.none(), st.timedeltas(timedelta(0), timedelta(days=6))),
        st.booleans(),
    ),
    max_size=12,
)


def plain_day(at):
    """The community's day, by its clock: it begins at four."""
    day = at.astimezone(ZoneInfo(BERLIN)).date()
    return day if at >= day_began_at(day, time_zone=BERLIN, day_starts_at=time(4)) else day - timedelta(days=1)


def plain_working(begins, ends):
    """Working time, minute by minute."""
    worked, at = 0, begins
    while at < ends:
        local = at.astimezone(ZoneInfo(BERLIN))
        worked += 9 <= local.hour < 18 and CHINA.is_workday(local.date())
        at += timedelta(minutes=1)
    return worked * 60


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(asked=ASKED, seed=st.integers(0, 2**16), working=st.booleans())
async def test_both_are_what_a_plain_recomputation_says_in_whatever_order_it_is_told(stage, asked, seed, working):
    telling, expected = Telling(here=stage.community_id), {}
    for number, (past, kind, took, removed) in enumerate(asked):
        at = START + timedelta(minutes=past // timedelta(minutes=1))
        telling.ask(f"q{number}", "asker", kind=kind, at=at)
        ends = None if took is None else at + timedelta(minutes=took // timedelta(minutes=1))
        if ends is not None:
            telling.reply(f"r{number}", f"q{number}", "other", at=ends)
            telling.reply(f"s{number}", f"q{number}", "asker", at=ends + HOUR)
        if removed:
            telling.remove(content.DiscussionRemoved, "discussion", f"q{number}", f"q{number}")
        elif kind != "topic":
            seconds = ends and (plain_working(at, ends) if working else (ends - at).total_seconds())
            expected.setdefault((plain_day(at).isoformat(), kind), []).append(seconds)
    await empty(stage.harness, QuestionCourse, Answer)
    await hear(stage.harness, telling.told, random.Random(seed))
    query = {"grain": "day", "group_by": "kind"}
    shares = await stage.values("answered_share", "2024-03-28", "2024-04-12", **query)
    assert {(item["from"], item["group"]): (item["value"], item["n"]) for item in shares} == {
        key: (pytest.approx(sum(one is not None for one in some) / len(some)), len(some))
        for key, some in expected.items()
    }
    times = by_part(await stage.values("response_time", "2024-03-28", "2024-04-12", working=working, **query))
    assert times == {
        (*key, part): (pytest.approx(value), len(answered))
        for key, some in expected.items()
        if (answered := [one for one in some if one is not None])
        for part, value in (("median", _of(answered, 10)), ("p90", _of(answered, 18)))
    }


def _of(values, twentieth):
    """The percentile as Python's own library has it."""
    return quantiles(values, n=20, method="inclusive")[twentieth - 1] if len(values) > 1 else values[0]
