"""On which days a series has its dates, beside what another library makes of the same rule."""

from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any

from dateutil import rrule  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from chassis.days import zone_of
from services.events.series.rules import LAST, LONGEST, MOST_DATES, Rule, placed, planned

WEEKDAYS = (rrule.MO, rrule.TU, rrule.WE, rrule.TH, rrule.FR, rrule.SA, rrule.SU)
ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "UTC")

days = st.dates(min_value=date(1970, 1, 1), max_value=date(2100, 1, 1))
weekdays = st.integers(0, 6)
rules = st.one_of(
    st.builds(
        Rule,
        st.just("weekly"),
        st.integers(1, 52),
        st.sets(weekdays, min_size=1).map(lambda chosen: tuple(sorted(chosen))),
    ),
    st.builds(
        Rule,
        st.just("monthly"),
        st.integers(1, 52),
        st.just(()),
        st.integers(1, 31) | st.just(LAST),
    ),
    st.builds(
        Rule,
        st.just("monthly"),
        st.integers(1, 52),
        weekdays.map(lambda day: (day,)),
        st.none(),
        st.integers(1, 5) | st.just(LAST),
    ),
)


def elsewhere(rule: Rule, starts_on: date) -> list[date]:
    """What `dateutil` makes of it."""
    named: dict[str, Any] = {
        "freq": rrule.WEEKLY if rule.frequency == "weekly" else rrule.MONTHLY,
        "interval": rule.interval,
        "dtstart": datetime(starts_on.year, starts_on.month, starts_on.day),  # noqa: DTZ001 - days alone
        "until": datetime.combine(starts_on + LONGEST, datetime.min.time()),
    }
    if rule.frequency == "weekly":
        named["byweekday"] = [WEEKDAYS[day] for day in rule.weekdays]
    elif rule.nth is None:
        named["bymonthday"] = rule.day_of_month
    else:
        named["byweekday"] = WEEKDAYS[rule.weekdays[0]](rule.nth)
    return [moment.date() for moment in rrule.rrule(**named)]


@given(rules, days)
def test_a_rule_has_the_days_that_another_library_finds(rule, starts_on):
    assert list(rule.misfits()) == []
    assert list(rule.days(starts_on)) == elsewhere(rule, starts_on)


@given(rules, days, st.integers(1, MOST_DATES), st.integers(0, 3700))
def test_a_series_ends_with_its_count_or_its_last_day(rule, starts_on, count, length):
    every = elsewhere(rule, starts_on)
    counted = planned(rule, starts_on, until=None, count=count)
    assert counted == (every[:count] if len(every) >= count else "too_far")
    last = starts_on + timedelta(days=length)
    bounded = planned(rule, starts_on, until=last, count=None)
    within = [day for day in every if day <= last]
    if last > starts_on + LONGEST:
        assert bounded == "too_far"
    elif len(within) > MOST_DATES:
        assert bounded == "too_many_dates"
    else:
        assert bounded == (within or "no_dates")


@given(rules, days, st.integers(1, 100), st.integers(1, 100))
def test_more_dates_go_on_where_the_others_ended(rule, starts_on, first, more):
    whole = planned(rule, starts_on, until=None, count=first + more)
    begun = planned(rule, starts_on, until=None, count=first)
    if isinstance(whole, str) or isinstance(begun, str):
        return
    assert planned(rule, starts_on, until=None, count=more, after=begun[-1]) == whole[first:]


@given(rules, days, st.integers(0, 23), st.integers(0, 59), st.sampled_from(ZONES), st.integers(1, 10_080))
def test_the_clock_shows_the_same_time_on_every_date_unless_it_skips_it(rule, starts_on, hour, minute, zone, minutes):
    for day in islice(rule.days(starts_on), 30):
        starts, ends = placed(day, f"{hour:02}:{minute:02}", minutes, zone)
        assert ends - starts == timedelta(minutes=minutes)
        local = starts.astimezone(zone_of(zone))
        if (local.date(), local.hour, local.minute) == (day, hour, minute):
            # The first time, where the clock shows it twice.
            assert local.fold == 0
            continue
        # What is skipped is as long after the skip as it would have been without it.
        before = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone_of(zone))
        skip = (local.utcoffset() or timedelta()) - (before.utcoffset() or timedelta())
        assert skip > timedelta()
        assert local.replace(tzinfo=None) - before.replace(tzinfo=None) == skip


def test_a_series_ends_with_the_calendar_of_the_product():
    begins = date(2200, 12, 1)
    assert planned(Rule("monthly", day_of_month=-1), begins, until=None, count=2) == "too_far"
    assert planned(Rule("monthly", day_of_month=-1), begins, until=None, count=1) == [date(2200, 12, 31)]
