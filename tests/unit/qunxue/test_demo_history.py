"""What the demo tells of sixty days: the same every time, and nothing that could not have happened."""

import collections
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qunxue.demo import history, recalling
from qunxue.demo.company import Calendar, members, people, people_table, roster_table
from qunxue.demo.telling import articles, threads

NOW = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
MOMENTS = st.timedeltas(timedelta(0), timedelta(days=2000)).map(lambda after: NOW + after)


def lines_of(content: bytes) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in content.splitlines()]


def test_the_same_day_tells_the_same():
    for told in (history.archive, history.checkins, roster_table):
        assert told(Calendar(NOW)) == told(Calendar(NOW))
    for past in recalling.PAST:
        assert recalling.recruitment(past, Calendar(NOW)) == recalling.recruitment(past, Calendar(NOW))


def test_another_hour_of_the_day_changes_nothing_and_another_day_only_the_days():
    later = Calendar(NOW + timedelta(hours=5))
    assert history.archive(later) == history.archive(Calendar(NOW))
    week_later = lines_of(history.archive(Calendar(NOW + timedelta(days=7))))
    for before, after in zip(lines_of(history.archive(Calendar(NOW))), week_later, strict=True):
        assert datetime.fromisoformat(after.pop("at")) - datetime.fromisoformat(before.pop("at")) == timedelta(days=7)
        assert before == after


@given(now=MOMENTS)
def test_on_whatever_day_it_is_filled_nothing_is_told_of_the_future_or_of_who_was_not_there_yet(now: datetime):
    calendar = Calendar(now)
    joined = {one.no: calendar.at(one.joined or 0, "09:00") for one in members()}
    said: dict[str, datetime] = {}
    for line in lines_of(history.archive(calendar)):
        at = datetime.fromisoformat(line["at"])
        assert joined[line["author"]] <= at < now
        about = line.get("on") or line.get("discussion")
        assert about is None or said[about] <= at
        assert line["id"] not in said
        said[line["id"]] = at
    for line in lines_of(history.checkins(calendar)):
        at = datetime.fromisoformat(line["occurred_at"])
        assert joined[line["employee_no"]] <= at < now


@given(now=MOMENTS)
def test_every_member_founded_the_community_or_was_accepted_by_a_recruitment_that_was_open_when_they_applied(
    now: datetime,
):
    calendar = Calendar(now)
    came = {line.split(",")[0] for line in roster_table(calendar).decode().splitlines()[1:]}
    for past in recalling.PAST:
        opens_at, closes_at = calendar.at(past.opened, "08:00"), calendar.at(past.closed, "18:00")
        for line in lines_of(recalling.recruitment(past, calendar)):
            if "visits" in line:
                assert opens_at.date().isoformat() <= line["day"] <= closes_at.date().isoformat()
                continue
            applied_at, decided_at = (datetime.fromisoformat(line[name]) for name in ("applied_at", "decided_at"))
            assert opens_at <= applied_at <= closes_at
            assert applied_at < decided_at < now
            if line["outcome"] == "accepted":
                assert line["employee_no"] not in came
                came.add(line["employee_no"])
    assert came == {one.no for one in members()}


def test_sixty_people_of_whom_no_two_are_mistaken_for_each_other():
    assert len(people()) == 60
    for said in ("no", "name", "email"):
        assert len({getattr(one, said) for one in people()}) == 60
    assert len(people_table().splitlines()) == 61
    assert collections.Counter(one.role for one in people() if one.role) == {
        "owner": 1,
        "operator": 2,
        "moderator": 1,
        "lecturer": 2,
        "mentor": 2,
    }


def test_there_is_enough_to_read_and_some_questions_are_left():
    kinds = collections.Counter(line["kind"] for line in lines_of(history.archive(Calendar(NOW))))
    assert kinds["article"] == len(articles()) >= 12
    assert kinds["discussion"] >= 60
    assert kinds["reply"] + kinds["comment"] >= 90
    answered = {line["discussion"] for line in lines_of(history.archive(Calendar(NOW))) if line["kind"] == "reply"}
    assert kinds["discussion"] - len(answered) >= 8
    assert len(history.checkins(Calendar(NOW)).splitlines()) > 900


@pytest.mark.parametrize("text", [*articles(), *threads()], ids=lambda text: text.title[:12])
def test_every_text_says_something(text: Any):
    assert len(text.title) <= 60
    assert text.tags
    assert len(text.body) > (150 if text.kind else 10)
    assert all(len(one.body) > 8 for one in text.said)
