"""How much working time lies between two moments."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.days import day_began_at
from chassis.work_calendar import CHINA, is_plain_workday
from chassis.working_time import WORK_BEGINS, WORK_ENDS, WorkedTime

HOUR = 3600


def moment(text):
    return datetime.fromisoformat(text).astimezone(UTC)


def worked(begins, ends, zone="Asia/Shanghai", is_workday=CHINA.is_workday):
    return WorkedTime(time_zone=zone, is_workday=is_workday).between(moment(begins), moment(ends))


@pytest.mark.parametrize(
    ("begins", "ends", "hours"),
    [
        ("2024-05-06T10:00+08:00", "2024-05-06T12:00+08:00", 2),
        ("2024-05-06T07:00+08:00", "2024-05-06T10:00+08:00", 1),
        ("2024-05-06T17:00+08:00", "2024-05-07T10:00+08:00", 2),
        ("2024-05-06T20:00+08:00", "2024-05-07T08:00+08:00", 0),
        # A Friday and the Monday after it.
        ("2024-05-17T17:00+08:00", "2024-05-20T10:00+08:00", 2),
        # 1 to 5 May are off; 28 April and 11 May are worked in exchange.
        ("2024-04-30T17:00+08:00", "2024-05-06T10:00+08:00", 2),
        ("2024-05-10T17:00+08:00", "2024-05-11T10:00+08:00", 2),
        ("2024-05-06T12:00+08:00", "2024-05-06T10:00+08:00", 0),
    ],
)
def test_nights_weekends_and_holidays_are_no_working_time(begins, ends, hours):
    assert worked(begins, ends) == hours * HOUR


def test_a_day_on_which_the_clock_is_put_forward_is_worked_as_long_as_others():
    assert worked("2024-03-29T12:00+01:00", "2024-04-01T12:00+02:00", "Europe/Berlin", is_plain_workday) == 9 * HOUR


@given(
    st.lists(
        st.tuples(
            st.timedeltas(timedelta(0), timedelta(days=900)).map(lambda past: datetime(2023, 1, 1, tzinfo=UTC) + past),
            st.timedeltas(timedelta(0), timedelta(days=90)),
        ),
        min_size=1,
        max_size=6,
    ),
    st.sampled_from(("Asia/Shanghai", "Europe/Berlin", "America/New_York")),
)
def test_it_is_the_sum_of_the_days_in_whatever_order_one_asks(asked, zone):
    time = WorkedTime(time_zone=zone, is_workday=CHINA.is_workday)
    for begins, length in asked:
        ends, total, day = begins + length, 0.0, begins.date() - timedelta(days=1)
        while day <= ends.date() + timedelta(days=1):
            opens, closes = (_at(day, time, zone) for time in (WORK_BEGINS, WORK_ENDS))
            if CHINA.is_workday(day):
                total += max(0.0, (min(ends, closes) - max(begins, opens)).total_seconds())
            day += timedelta(days=1)
        assert time.between(begins, ends) == pytest.approx(total)


def _at(day: date, at, zone):
    return day_began_at(day, time_zone=zone, day_starts_at=at)
