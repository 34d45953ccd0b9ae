"""The work calendar: data as far as it is known, the plain week beyond."""

from datetime import date, timedelta

import holidays
import pytest

from chassis.work_calendar import CHINA, WorkYear

KNOWN_UNTIL = max(year.known_until for year in CHINA.years.values())
EVERY_DAY = [date(2001, 1, 1) + timedelta(days=n) for n in range((KNOWN_UNTIL - date(2001, 1, 1)).days + 1)]


def test_what_is_known_is_what_the_library_knows():
    library = holidays.country_holidays("CN")
    assert [day for day in EVERY_DAY if CHINA.is_workday(day) is not library.is_working_day(day)] == []


@pytest.mark.parametrize(
    ("day", "works"),
    [(date(2026, 10, 10), True), (date(2026, 10, 1), False), (date(2027, 10, 1), True), (date(2027, 1, 2), False)],
    ids=["a Saturday worked in exchange", "National Day", "one not announced yet", "a Saturday"],
)
def test_a_day_that_is_not_known_is_decided_by_the_plain_week(day, works):
    assert (CHINA.is_workday(day), CHINA.is_known(day)) == (works, day.year <= 2026)


@pytest.mark.parametrize(
    ("today", "missing"),
    [(date(2026, 11, 30), False), (date(2026, 12, 1), True), (date(2027, 3, 1), True), (date(2025, 12, 1), False)],
)
def test_from_december_on_the_next_year_is_missing(today, missing):
    assert CHINA.is_missing(today) is missing


def test_a_year_that_was_told_is_known_and_the_one_between_is_not():
    told = WorkYear(date(2028, 12, 31), frozenset({date(2028, 1, 3)}), frozenset({date(2028, 1, 8)}))
    calendar = CHINA.with_years({2028: told})
    assert not calendar.is_workday(date(2028, 1, 3))
    assert calendar.is_workday(date(2028, 1, 8))
    assert [calendar.is_known(date(year, 6, 1)) for year in (1999, 2026, 2027, 2028, 2029)] == [
        True,
        True,
        False,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("after", "before", "first"),
    [
        (date(2026, 12, 29), date(2026, 12, 31), None),
        (date(2026, 12, 31), date(2027, 1, 1), None),
        (date(2026, 12, 30), date(2027, 1, 4), date(2027, 1, 1)),
        (date(2027, 1, 4), date(2027, 1, 6), date(2027, 1, 5)),
        (date(1998, 5, 1), date(2026, 12, 1), None),
    ],
)
def test_the_first_day_of_which_nothing_is_known_lies_between_two_others(after, before, first):
    assert CHINA.first_unknown(after, before) == first
