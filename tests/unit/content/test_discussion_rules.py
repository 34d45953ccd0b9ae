"""When a question should be answered."""

from datetime import UTC, datetime

import pytest

from chassis.work_calendar import is_plain_workday
from chassis.working_time import due_after
from services.content.discussions.rules import answer_due


def due(text: str, zone: str = "Asia/Shanghai") -> str:
    asked = datetime.fromisoformat(text).astimezone(UTC)
    answer = answer_due(asked, time_zone=zone, is_workday=is_plain_workday)
    return answer.astimezone(datetime.fromisoformat(text).tzinfo).strftime("%a %H:%M")


@pytest.mark.parametrize(
    ("asked", "until"),
    [
        ("2024-05-06T15:00:00+08:00", "Tue 15:00"),
        ("2024-05-10T15:00:00+08:00", "Mon 15:00"),
        ("2024-05-06T07:30:00+08:00", "Mon 18:00"),
        ("2024-05-06T09:00:00+08:00", "Mon 18:00"),
        ("2024-05-06T09:01:00+08:00", "Tue 09:01"),
        ("2024-05-06T18:00:00+08:00", "Tue 18:00"),
        ("2024-05-10T22:29:00+08:00", "Mon 18:00"),
        ("2024-05-11T10:00:00+08:00", "Mon 18:00"),
        ("2024-05-12T23:59:00+08:00", "Mon 18:00"),
        ("2024-05-13T00:00:00+08:00", "Mon 18:00"),
    ],
)
def test_an_answer_is_due_one_working_day_later_in_working_time(asked, until):
    assert due(asked) == until


def test_several_working_days_are_counted_alike_and_weeks_end_between_them():
    for asked, days, until in (("10T15:00", 2, "14T15:00"), ("10T22:29", 2, "14T18:00"), ("11T10:00", 5, "17T18:00")):
        at = datetime.fromisoformat(f"2024-05-{asked}+08:00")
        found = due_after(at, days, time_zone="Asia/Shanghai", is_workday=is_plain_workday)
        assert found == datetime.fromisoformat(f"2024-05-{until}+08:00"), (asked, days)


def test_work_begins_by_the_clock_of_the_zone_on_either_side_of_a_change():
    # New York's clock is set forward in the night to Sunday.
    assert due("2024-03-08T16:00:00-05:00", "America/New_York") == "Mon 15:00"


def test_a_day_of_another_zone_is_another_day():
    assert due("2024-05-10T23:00:00+00:00", "Asia/Shanghai") == "Mon 10:00"
