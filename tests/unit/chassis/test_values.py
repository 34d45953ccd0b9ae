from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from chassis.web.values import Day, Integer, Moment, Month, Version

DAYS, MOMENTS, MONTHS = TypeAdapter(Day), TypeAdapter(Moment), TypeAdapter(Month)
INTEGERS, VERSIONS = TypeAdapter(Integer), TypeAdapter(Version)


def takes(adapter, value):
    try:
        adapter.validate_python(value)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize("day", ["1900-01-01", "2024-02-29", "2200-12-31", date(2024, 1, 5)])
def test_days_between_the_ends_are_taken(day):
    assert takes(DAYS, day)


@pytest.mark.parametrize(
    "day",
    [
        "1899-12-31",
        "2201-01-01",
        "0001-01-01",
        "9999-12-31",
        "2024-02-30",
        "20240105",
        20240105,
        "1",
        0,
        "2024-1-5",
        "2024-01-05T00:00:00",
        datetime(2024, 1, 5, tzinfo=UTC),
        "",
        "２０２４-01-05",
        None,
        True,
    ],
)
def test_anything_else_is_no_day(day):
    assert not takes(DAYS, day)


def test_a_moment_is_handed_on_in_utc():
    assert MOMENTS.validate_python("2024-01-05T09:00:00+08:00") == datetime(2024, 1, 5, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "moment",
    [
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "1899-12-31T23:59:59Z",
        "2201-01-01T00:00:00Z",
        "2024-01-05T09:00:00",
        "2024-01-05",
        "1700000000",
        1700000000,
        1.5,
        "now",
        "",
    ],
)
def test_anything_else_is_no_moment(moment):
    assert not takes(MOMENTS, moment)


@pytest.mark.parametrize(
    "month", ["0001-01", "1899-12", "2201-01", "2024-13", "2024-00", "2024-1", "2024-01-01", "٢٠٢٤-01", ""]
)
def test_a_month_has_ends_too(month):
    assert takes(MONTHS, "1900-01")
    assert takes(MONTHS, "2200-12")
    assert not takes(MONTHS, month)


@pytest.mark.parametrize("number", [2**63, -(2**63) - 1, "99999999999999999999"])
def test_an_integer_is_one_that_the_database_holds(number):
    assert takes(INTEGERS, 2**63 - 1)
    assert not takes(INTEGERS, number)
    assert not takes(VERSIONS, number)
    assert not takes(VERSIONS, 0)


@given(st.one_of(st.text(max_size=30), st.integers(), st.floats(), st.datetimes(), st.dates()))
def test_nothing_else_raises_anything_but_a_refusal(value):
    for adapter in (DAYS, MOMENTS, MONTHS, INTEGERS, VERSIONS):
        takes(adapter, value)
