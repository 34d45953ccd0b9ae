"""Which days' points are told of on which morning."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gamification.ledger.reminding_rules import days_told, morning_of

TODAY = date(2024, 5, 6)


def at(hour, minute=0):
    """A time of that day in Shanghai."""
    return datetime(2024, 5, 6, tzinfo=UTC) + timedelta(hours=hour - 8, minutes=minute)


@pytest.mark.parametrize(
    ("now", "day"),
    [(at(8, 59), None), (at(9), TODAY), (at(19, 59), TODAY), (at(20), None)],
)
def test_the_morning_is_from_nine_until_eight_in_the_evening(now, day):
    assert morning_of(now, TODAY, time_zone="Asia/Shanghai", day_starts_at=time(0)) == day


def test_a_morning_before_the_day_begins_is_of_the_day_before():
    yesterday = TODAY - timedelta(days=1)
    assert morning_of(at(9, 30), yesterday, time_zone="Asia/Shanghai", day_starts_at=time(10)) == yesterday
    assert morning_of(at(10, 30), TODAY, time_zone="Asia/Shanghai", day_starts_at=time(10)) == yesterday


def test_each_morning_tells_of_the_day_in_thirty_and_of_that_in_seven_days():
    assert list(days_told(TODAY, TODAY - timedelta(days=1))) == [
        (TODAY + timedelta(days=30), "30_days"),
        (TODAY + timedelta(days=7), "7_days"),
    ]


def test_what_was_missed_for_weeks_is_told_by_the_shorter_lead_where_that_has_come_too():
    told = list(days_told(TODAY, TODAY - timedelta(days=90)))
    assert [day for day, lead in told if lead == "30_days"] == [TODAY + timedelta(days=n) for n in range(8, 31)]
    assert [day for day, lead in told if lead == "7_days"] == [TODAY + timedelta(days=n) for n in range(1, 8)]


@given(st.sets(st.integers(0, 120)))
def test_whatever_mornings_are_missed_a_day_is_told_of_once_by_each_lead_and_before_it_comes(missed):
    told, last = [], TODAY - timedelta(days=1)
    for number in range(121):
        if number not in missed:
            today = TODAY + timedelta(days=number)
            now = list(days_told(today, last))
            assert all(timedelta() < day - today <= timedelta(days=30) for day, _ in now)
            told += now
            last = today
    assert len(told) == len(set(told))


@given(st.sets(st.integers(0, 120)))
def test_whoever_is_not_asleep_all_week_misses_no_day(missed):
    mornings = [number for number in range(121) if number not in missed or number % 7 == 0]
    told, last = set(), TODAY - timedelta(days=1)
    for number in mornings:
        today = TODAY + timedelta(days=number)
        told |= {day for day, lead in days_told(today, last) if lead == "7_days"}
        last = today
    assert told >= {TODAY + timedelta(days=number) for number in range(7, 121)}
