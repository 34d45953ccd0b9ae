"""What rules measure: windows of a community's days, and deeds whose messages come in any order."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.membership.measures.rules import (
    KEPT,
    METRICS,
    REMINDED_BEFORE,
    Heard,
    Place,
    folded,
    is_kept,
    next_reminder,
    window_of,
)
from services.membership.rule_sets.wanting import impossible

HERE, WHO = UUID(int=1), UUID(int=2)
SHANGHAI = Place("Asia/Shanghai")
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
KINDS = st.sampled_from(["day", "week", "month"])
DAYS = st.dates(date(2020, 1, 1), date(2032, 12, 31))


@given(KINDS, DAYS)
def test_windows_follow_each_other_without_a_gap_and_hold_their_days(kind, day):
    window = window_of(kind, day)
    assert window.first <= day <= window.last
    assert window_of(kind, window.first) == window == window_of(kind, window.last)
    assert window.before().last + timedelta(days=1) == window.first
    assert window.before().after() == window
    if kind == "week":
        assert (window.first.weekday(), window.last.weekday()) == (0, 6)
    # What the last window needs is known still when this one ends.
    assert window.last - window.before().first < KEPT


@given(KINDS, st.integers(0, 10 * 365 * 24 * 60).map(lambda minutes: LONG_AGO + timedelta(minutes=minutes)))
def test_each_window_is_reminded_of_once_before_it_ends(kind, after):
    place = Place("America/New_York", time(4))
    first = next_reminder(kind, place, after)
    second = next_reminder(kind, place, first)
    assert after < first < second
    one, two = (window_of(kind, place.day_of(at)) for at in (first, second))
    assert one.after() == two
    assert one.span(place)[1] - first == REMINDED_BEFORE[kind]


def _said(version, *, live, told=True):
    made: dict[str, Any] = {"kind": "answer", "member_id": WHO} if told else {}
    return Heard(UUID(int=9), HERE, version, date(2027, 3, version), live, **made)


@given(st.permutations([_said(1, live=True), *(_said(n, live=n % 2 == 1, told=False) for n in range(2, 6))]), st.data())
def test_a_deed_counts_as_its_newest_message_says_in_whatever_order_and_doubled(messages, data):
    doubled = [*messages, *data.draw(st.lists(st.sampled_from(messages), max_size=4))]
    [row] = folded(doubled).values()
    assert (row["kind"], row["member_id"], row["day"]) == ("answer", WHO, date(2027, 3, 1))
    assert (row["version"], row["live"]) == (5, True)


def test_posts_are_all_that_members_write():
    assert METRICS["posts"] == METRICS["discussions"] | METRICS["replies"]
    assert METRICS["answers"] < METRICS["replies"]


@pytest.mark.parametrize(
    ("figure", "op", "kept"), [(2, "gte", False), (3, "gte", True), (3, "lte", True), (4, "lte", False)]
)
def test_at_least_and_at_most_take_in_the_value(figure, op, kept):
    assert is_kept(op, 3, figure) is kept


@pytest.mark.parametrize(
    ("measure", "why"),
    [
        (("checkins", "gte", 8, "week"), "never_kept"),
        (("checkins", "gte", 7, "week"), None),
        (("checkins", "lte", 7, "week"), "always_kept"),
        (("checkins", "lte", 30, "month"), None),
        (("checkins", "gte", 29, "month"), "never_kept"),
        (("posts", "gte", 0, "day"), "always_kept"),
        (("posts", "lte", 0, "day"), None),
        (("posts", "gte", 1000, "day"), None),
    ],
)
def test_what_nobody_or_everybody_keeps_is_no_measure(measure, why):
    assert impossible(*measure) == why


def test_days_are_those_of_the_community():
    assert SHANGHAI.day_of(datetime(2027, 3, 1, 17, tzinfo=UTC)) == date(2027, 3, 2)
