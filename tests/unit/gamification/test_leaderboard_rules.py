"""Windows and the order of a leaderboard."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gamification.leaderboards.rules import (
    Period,
    Window,
    bounds,
    freezes_at,
    is_frozen,
    percentile,
    window_of,
    windows_of,
)

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "period", "first", "last"),
    [
        (date(2024, 2, 29), Period.DAY, date(2024, 2, 29), date(2024, 2, 29)),
        (date(2024, 12, 31), Period.WEEK, date(2024, 12, 30), date(2025, 1, 5)),
        (date(2024, 9, 1), Period.WEEK, date(2024, 8, 26), date(2024, 9, 1)),
        (date(2024, 2, 29), Period.MONTH, date(2024, 2, 1), date(2024, 2, 29)),
        (date(2023, 12, 31), Period.MONTH, date(2023, 12, 1), date(2023, 12, 31)),
    ],
)
def test_windows_are_days_weeks_from_monday_and_months(day, period, first, last):
    assert window_of(day, period) == Window(period, first, last)


def test_all_time_has_one_window():
    assert window_of(date(2011, 1, 1), Period.ALL_TIME) == window_of(date(2040, 1, 1), Period.ALL_TIME)


@given(st.dates(min_value=date(1990, 1, 1), max_value=date(2090, 1, 1)))
def test_a_day_lies_in_each_of_its_windows(day):
    for window in windows_of(day):
        assert window.to_day is None or window.from_day <= day <= window.to_day


def test_windows_are_of_the_communitys_days():
    window = window_of(date(2024, 5, 1), Period.DAY)
    assert bounds(window, time_zone="Asia/Shanghai", day_starts_at=time(4)) == (
        datetime(2024, 4, 30, 20, tzinfo=UTC),
        datetime(2024, 5, 1, 20, tzinfo=UTC),
    )


def test_a_window_freezes_a_day_after_its_end():
    _, end = bounds(window_of(date(2024, 5, 1), Period.MONTH), time_zone="UTC")
    freezes = freezes_at(end, first_seen_at=NOON)
    assert freezes == datetime(2024, 6, 2, tzinfo=UTC)
    assert not is_frozen(freezes, now=freezes - timedelta(microseconds=1))
    assert is_frozen(freezes, now=freezes)


def test_a_window_of_the_past_first_seen_in_an_import_stays_open_a_day():
    _, end = bounds(window_of(date(2011, 10, 11), Period.WEEK), time_zone="UTC")
    assert freezes_at(end, first_seen_at=NOON) == NOON + timedelta(hours=24)


def test_all_time_never_freezes():
    _, end = bounds(window_of(date(2024, 1, 1), Period.ALL_TIME), time_zone="UTC")
    assert not is_frozen(freezes_at(end, first_seen_at=NOON), now=NOON + timedelta(days=10_000))


@pytest.mark.parametrize(
    ("ahead", "members", "share"), [(0, 1000, 0.1), (1499, 3000, 50.0), (2999, 3000, 100.0), (5, 0, 100.0)]
)
def test_a_percentile_is_the_share_of_the_board_down_to_the_member(ahead, members, share):
    assert percentile(ahead=ahead, members=members) == share
