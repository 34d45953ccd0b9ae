"""Windows of cohorts: when they begin, and when they can be spoken of."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.analytics.metrics.rules import period_of, periods
from services.analytics.retention.rules import (
    Cell,
    Cohort,
    CohortGrain,
    Count,
    cells,
    count_between,
    count_over,
    default_first,
    ends_of_months,
    later,
)

WEEK, MONTH = CohortGrain.WEEK, CohortGrain.MONTH
DAYS = st.dates(date(1990, 1, 1), date(2090, 1, 1))
GRAINS = st.sampled_from(CohortGrain)


def test_a_month_that_is_too_short_has_its_last_day_and_the_next_has_the_day_again():
    assert [later(date(2024, 1, 31), MONTH, n) for n in range(4)] == [
        date(2024, 1, 31),
        date(2024, 2, 29),
        date(2024, 3, 31),
        date(2024, 4, 30),
    ]
    assert later(date(2024, 1, 1), MONTH, -1) == date(2023, 12, 1)


@given(DAYS, GRAINS, st.integers(0, 119))
def test_windows_follow_each_other_without_a_gap(day, grain, number):
    begins, ends = later(day, grain, number), later(day, grain, number + 1)
    assert timedelta(days=7 if grain is WEEK else 28) <= ends - begins <= timedelta(days=31)


@given(DAYS, DAYS, GRAINS, st.integers(0, 120))
def test_windows_that_are_over_are_counted_without_making_them(one, other, grain, most):
    since, day = sorted((one, other))
    made = (later(since, grain, number + 1) <= day for number in range(most))
    assert count_over(since, grain, day, most) == sum(made)
    assert count_over(day + timedelta(days=1), grain, day, most) == 0


@given(DAYS, DAYS, GRAINS)
def test_periods_between_two_days_are_counted_without_making_them(one, other, grain):
    first, last = sorted((one, other))
    assert count_between(first, last, grain) == len(periods(first, last, grain.grain)) - 1


@given(DAYS, GRAINS, st.integers(1, 120))
def test_the_last_cohort_that_is_answered_is_todays(today, grain, cohorts):
    assert count_between(default_first(today, grain, cohorts), today, grain) == cohorts - 1


@given(DAYS, st.integers(0, 2000))
def test_the_ends_of_months_are_days_before_the_first_of_one(first, days):
    last = first + timedelta(days=days)
    ends = ends_of_months(first, last)
    assert all((day + timedelta(days=1)).day == 1 for day in ends)
    assert len(ends) == count_between(first, last, MONTH) + 1


@pytest.mark.parametrize(
    ("count", "today", "expected"),
    [
        # The calendar: January, in which they joined; February has begun; March has not.
        (Count.CALENDAR, date(2024, 2, 1), [Cell(4, 1.0, True), Cell(3, 0.75, False), None]),
        (Count.CALENDAR, date(2024, 2, 29), [Cell(4, 1.0, True), Cell(3, 0.75, False), None]),
        (Count.CALENDAR, date(2024, 3, 1), [Cell(4, 1.0, True), Cell(3, 0.75, True), Cell(0, 0.0, False)]),
        # By themselves: the last of them joined on the 20th.
        (Count.ROLLING, date(2024, 2, 19), [Cell(4, 1.0, False), None, None]),
        (Count.ROLLING, date(2024, 2, 20), [Cell(4, 1.0, True), Cell(3, 0.75, False), None]),
        (Count.ROLLING, date(2024, 3, 20), [Cell(4, 1.0, True), Cell(3, 0.75, True), Cell(0, 0.0, False)]),
    ],
)
def test_a_cell_is_none_until_its_window_has_begun_for_all(count, today, expected):
    january = period_of(date(2024, 1, 1), MONTH.grain)
    cohort = Cohort(4, date(2024, 1, 20))
    found = cells(january, cohort, {0: 4, 1: 3}, grain=MONTH, count=count, width=3, today=today)
    assert list(found) == expected


def test_an_empty_cohort_has_no_share():
    january = period_of(date(2024, 1, 1), MONTH.grain)
    (cell,) = cells(january, None, {}, grain=MONTH, count=Count.ROLLING, width=1, today=date(2024, 5, 1))
    assert cell == Cell(0, None, True)
