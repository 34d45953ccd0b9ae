"""Periods of a calendar, whichever days are asked for."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.analytics.metrics.rules import (
    Grain,
    Period,
    before,
    count_periods,
    gini,
    number_of,
    period_of,
    periods,
    start_before,
)
from services.analytics.metrics.spell_rules import presences

DAY = timedelta(days=1)
days = st.dates(date(2019, 1, 1), date(2030, 12, 31))
grains = st.sampled_from(Grain)


@given(days, days, grains)
def test_periods_follow_each_other_without_a_gap_and_hold_all_days(one, other, grain):
    first, last = sorted((one, other))
    found = periods(first, last, grain)
    assert first in found[0]
    assert last in found[-1]
    assert all(next_.starts_on == this.ends_on + DAY for this, next_ in pairwise(found))
    assert len(found) == count_periods(first, last, grain)
    assert [number_of(this.starts_on, grain) for this in found] == list(
        range(number_of(first, grain), number_of(first, grain) + len(found))
    )


@given(days, grains)
def test_each_day_of_a_period_is_in_that_period_alone(day, grain):
    period = period_of(day, grain)
    assert {period_of(period.starts_on + n * DAY, grain) for n in range(period.days)} == {period}
    assert period_of(start_before(day, grain), grain).ends_on + DAY == period.starts_on


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("2024-03-01", "2024-03-31", ("2024-02-01", "2024-02-29")),
        ("2024-01-01", "2024-03-31", ("2023-10-01", "2023-12-31")),
        ("2024-03-04", "2024-03-10", ("2024-02-26", "2024-03-03")),
        ("2024-03-31", "2024-03-31", ("2024-03-30", "2024-03-30")),
    ],
)
def test_whole_months_are_compared_with_as_many_months_and_other_days_with_as_many_days(first, last, expected):
    assert before(date.fromisoformat(first), date.fromisoformat(last)) == Period(*map(date.fromisoformat, expected))


spells = st.lists(
    st.tuples(st.dates(date(2024, 1, 1), date(2024, 6, 1)), st.integers(0, 60) | st.none()).map(
        lambda one: (one[0], None if one[1] is None else one[0] + one[1] * DAY)
    ),
    max_size=4,
)


@given(st.lists(spells, max_size=4), grains, st.integers(0, 100), st.integers(0, 40))
def test_who_was_there_is_counted_once_in_each_period_and_each_day_once(members, grain, start, length):
    first = date(2024, 1, 10) + start * DAY
    found = periods(first, first + length * DAY, grain)
    there = [
        {found[0].starts_on + n * DAY for n in range((found[-1].ends_on - found[0].starts_on).days + 1)}
        & {first + n * DAY for first, last in some for n in range(((last or date(2025, 1, 1)) - first).days + 1)}
        for some in members
    ]
    assert [(one.members, one.days) for one in presences(members, found)] == [
        (
            sum(any(day in period for day in mine) for mine in there),
            sum(sum(day in period for day in mine) for mine in there),
        )
        for period in found
    ]


@given(st.dictionaries(st.integers(1, 50), st.integers(1, 20), min_size=1))
def test_inequality_is_the_mean_difference_of_every_two_of_twice_the_mean(amounts):
    each = [amount for amount, many in amounts.items() for _ in range(many)]
    apart = sum(abs(one - other) for one in each for other in each)
    assert gini(amounts) == pytest.approx(apart / (2 * len(each) * sum(each)))


def test_nobody_is_neither_equal_nor_unequal():
    assert gini({}) is None
