"""Workdays, and what each day of a member's month was."""

from datetime import date, timedelta

import pytest

from chassis.work_calendar import CHINA
from services.gamification.checkins.rules import DayState, Step, StreakDays, calendar

FIRST = date(2024, 5, 1)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2024, 5, 10), True),
        (date(2024, 5, 12), False),
        (date(2024, 5, 1), False),
        (date(2024, 5, 11), True),
        (date(2024, 10, 1), False),
    ],
    ids=["a Friday", "a Sunday", "Labour Day", "a Saturday worked in exchange", "National Day"],
)
def test_workdays_are_monday_to_friday_less_holidays_with_exchanged_days_in(day, works):
    assert CHINA.is_workday(day) is works


def states(*steps: Step, today: date, streak_days: StreakDays = StreakDays.EVERY_DAY, joined_on: date = FIRST):
    days = [FIRST + timedelta(days=n) for n in range(12)]
    found = calendar(
        days,
        steps=steps,
        today=today,
        joined_on=joined_on,
        streak_days=streak_days,
        is_workday=lambda day: day.weekday() < 5,
    )
    return [found[day].value for day in days]


def test_a_day_bridged_by_a_freeze_is_frozen_and_an_earlier_one_missed():
    found = states(Step(date(2024, 5, 3), 40), Step(date(2024, 5, 5), 41, froze=True), today=date(2024, 5, 6))
    assert found[:7] == ["missed", "missed", "checked_in", "frozen", "checked_in", "open", "future"]


def test_days_off_are_off_where_workdays_count():
    found = states(Step(date(2024, 5, 3), 1), today=date(2024, 5, 7), streak_days=StreakDays.WORKDAYS)
    assert found[:7] == ["missed", "missed", "checked_in", "off", "off", "missed", "open"]


def test_a_checkin_today_is_a_checkin():
    assert states(Step(date(2024, 5, 1), 1), today=date(2024, 5, 1))[0] == DayState.CHECKED_IN


def test_days_before_joining_were_nobodys_to_miss():
    found = states(today=date(2024, 5, 4), joined_on=date(2024, 5, 3))
    assert found[:4] == ["before_joining", "before_joining", "missed", "open"]
