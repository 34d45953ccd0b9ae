"""Which days a plan asks for, and how many complete it."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.gamification.plans.rules import WEEKDAYS, days_asked_for, days_needed, status_on

STARTS = st.dates(date(2020, 1, 1), date(2030, 1, 1))


def asked_for(starts_on, length, days="all", weekdays=()):
    ends_on = starts_on + timedelta(days=length - 1)
    return days_asked_for(starts_on, ends_on, days, weekdays, is_workday=lambda day: day.weekday() < 5)


@given(STARTS, st.integers(1, 366), st.sets(st.sampled_from(WEEKDAYS)))
def test_days_are_in_order_and_within_the_plan_and_those_of_the_week_share_them_out(starts_on, length, chosen):
    everything = asked_for(starts_on, length)
    some = asked_for(starts_on, length, "weekdays", chosen)
    others = asked_for(starts_on, length, "weekdays", set(WEEKDAYS) - chosen)
    assert len(everything) == length
    assert everything == sorted(everything)
    assert sorted(some + others) == everything
    assert asked_for(starts_on, length, "workdays") == asked_for(starts_on, length, "weekdays", WEEKDAYS[:5])


@given(st.integers(1, 366), st.integers(1, 100))
def test_the_days_that_complete_a_plan_are_the_fewest_that_reach_the_share(asked, share):
    enough = (number for number in range(1, asked + 1) if number * 100 >= asked * share)
    assert days_needed(asked, share) == next(enough)


def test_a_plan_runs_from_its_first_day_to_its_last():
    first, last = date(2024, 5, 6), date(2024, 5, 8)
    days = [first + timedelta(days=n) for n in range(-1, 4)]
    found = [status_on(day, starts_on=first, ends_on=last, cancelled=False) for day in days]
    assert found == ["upcoming", "running", "running", "running", "ended"]
    assert status_on(first, starts_on=first, ends_on=last, cancelled=True) == "cancelled"
