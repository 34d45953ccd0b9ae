"""Days and months, by the clock of a zone and of a community."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from chassis.days import months_later
from chassis.ids import new_id
from chassis.security.authority import CommunityFacts


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 3, 31), -1, date(2024, 2, 29)),
        (date(2024, 12, 5), 1, date(2025, 1, 5)),
        (date(2024, 1, 31), -12, date(2023, 1, 31)),
        (date.max, 0, date.max),
    ],
)
def test_months_end_on_days_that_there_are(day, months, then):
    assert months_later(day, months) == then


def test_a_community_s_day_begins_when_it_says_so_by_its_own_clock():
    community = CommunityFacts(new_id(), "早班", "open", "listed", "Asia/Shanghai", time(4), "all")
    begins = datetime(2026, 3, 1, 20, tzinfo=UTC)

    assert community.began(date(2026, 3, 2)) == begins
    assert community.day_of(begins) == date(2026, 3, 2)
    assert community.day_of(begins - timedelta(seconds=1)) == date(2026, 3, 1)
