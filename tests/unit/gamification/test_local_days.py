"""The member's day: zones, beginnings, daylight saving, and changes of zone."""

import itertools
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.days import day_began_at, is_skipped, local_day
from chassis.moments import Calendar
from services.gamification.checkins.rules import (
    CheckinDay,
    DayState,
    StreakDays,
    calendar,
    checkin_day,
    fold,
    live_length,
)
from services.gamification.leaderboards.rules import Period, bounds, window_of

ZONES = [
    "Asia/Shanghai", "UTC", "America/New_York", "Pacific/Kiritimati", "Etc/GMT+12", "Europe/Berlin", "Australia/Lord_Howe",
    "America/St_Johns", "Asia/Kathmandu", "Africa/Cairo",
]  # fmt: skip

STARTS = [time(0), time(4), time(1, 30), time(23, 30)]


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def every_day(_day: date) -> bool:
    return True


@pytest.mark.parametrize(
    ("at", "day"),
    [("2024-03-01T15:59:59", date(2024, 3, 1)), ("2024-03-01T16:00:00", date(2024, 3, 2))],
)
def test_a_day_is_of_the_zone_not_of_utc(at, day):
    assert local_day(utc(at), time_zone="Asia/Shanghai") == day


def test_before_the_day_starts_it_is_still_yesterday():
    late_night = utc("2024-03-01T19:30:00")
    assert local_day(late_night, time_zone="Asia/Shanghai", day_starts_at=time(4)) == date(2024, 3, 1)
    assert local_day(late_night + timedelta(hours=1), time_zone="Asia/Shanghai", day_starts_at=time(4)) == date(
        2024, 3, 2
    )


@pytest.mark.parametrize(("day", "hours"), [(date(2024, 3, 10), 23), (date(2024, 11, 3), 25), (date(2024, 6, 1), 24)])
def test_days_of_daylight_saving_are_as_long_as_they_are(day, hours):
    begin, end = (day_began_at(each, time_zone="America/New_York") for each in (day, day + timedelta(days=1)))
    assert end - begin == timedelta(hours=hours)


def test_a_clock_set_back_over_the_beginning_begins_no_second_day():
    starts = time(1, 30)
    at = utc("2024-11-03T05:00:00")
    days = [
        local_day(at + timedelta(minutes=10 * n), time_zone="America/New_York", day_starts_at=starts) for n in range(30)
    ]
    assert days == sorted(days)


def test_a_clock_set_back_over_midnight_does_not_go_back_to_the_day_before():
    """Newfoundland, one minute past midnight: it was 23:01 of the day before once more."""
    after = utc("2010-11-07T02:40:00")
    assert after.astimezone(ZoneInfo("America/St_Johns")).date() == date(2010, 11, 6)
    assert local_day(after, time_zone="America/St_Johns") == date(2010, 11, 7)


@given(st.sampled_from(ZONES), st.integers(0, 600_000), st.sampled_from(STARTS))
def test_every_moment_lies_within_its_day(zone, minutes, starts):
    at = utc("2024-01-01T00:00:00") + timedelta(minutes=minutes)
    day = local_day(at, time_zone=zone, day_starts_at=starts)
    assert day_began_at(day, time_zone=zone, day_starts_at=starts) <= at
    assert at < day_began_at(day + timedelta(days=1), time_zone=zone, day_starts_at=starts)


def test_an_hour_that_comes_twice_belongs_to_one_day_whoever_counts():
    """New York, day from 01:30: at 01:10 the second time, the day that began 40 minutes ago goes on."""
    at, starts = utc("2026-11-01T06:10:00"), time(1, 30)
    assert local_day(at, time_zone="America/New_York", day_starts_at=starts) == date(2026, 11, 1)
    assert Calendar(at, "America/New_York", starts).day_of(at) == date(2026, 11, 1)
    first, end = bounds(window_of(date(2026, 11, 1), Period.DAY), time_zone="America/New_York", day_starts_at=starts)
    assert first is not None
    assert end is not None
    assert first <= at < end


@given(st.sampled_from([*ZONES, "Pacific/Apia"]), st.integers(0, 20_000_000), st.sampled_from(STARTS))
def test_members_communities_and_boards_tell_the_same_day(zone, minutes, starts):
    at = utc("2000-01-01T00:00:00") + timedelta(minutes=minutes)
    day = local_day(at, time_zone=zone, day_starts_at=starts)
    assert Calendar(at, zone, starts).day_of(at) == day
    first, end = bounds(window_of(day, Period.DAY), time_zone=zone, day_starts_at=starts)
    assert first is not None
    assert end is not None
    assert first <= at < end


# Zone and a date that it never had.
SKIPPED = [
    ("Pacific/Apia", date(2011, 12, 30)),
    ("Pacific/Fakaofo", date(2011, 12, 30)),
    ("Pacific/Kwajalein", date(1993, 8, 21)),
    ("Pacific/Kiritimati", date(1994, 12, 31)),
]


@given(st.sampled_from(SKIPPED), st.integers(-5000, 5000), st.sampled_from(STARTS))
def test_no_moment_belongs_to_a_date_that_the_zone_skipped(skipped, minutes, starts):
    zone, gone = skipped
    at = datetime.combine(gone, time(12), tzinfo=UTC) + timedelta(minutes=minutes)
    day = local_day(at, time_zone=zone, day_starts_at=starts)
    assert day != gone
    assert day_began_at(day, time_zone=zone, day_starts_at=starts) <= at
    assert at < day_began_at(day + timedelta(days=1), time_zone=zone, day_starts_at=starts)


@given(st.sampled_from(SKIPPED), st.integers(-400, 400), st.sampled_from(STARTS))
def test_a_zone_skips_only_the_date_that_it_skipped(skipped, days, starts):
    zone, gone = skipped
    assert is_skipped(gone, time_zone=zone, day_starts_at=starts)
    other = gone + timedelta(days=days)
    assert is_skipped(other, time_zone=zone, day_starts_at=starts) == (other == gone)


@pytest.mark.parametrize(("zone", "gone"), SKIPPED)
@pytest.mark.parametrize("starts", STARTS)
def test_a_date_that_the_zone_skipped_breaks_no_streak(zone, gone, starts):
    noon = datetime.combine(gone - timedelta(days=3), time(23, 45), tzinfo=UTC)
    last, days = None, []
    for hours in range(24 * 6):
        day = checkin_day(noon + timedelta(hours=hours), last=last, time_zone=zone, day_starts_at=starts)
        if day is not last:
            days.append(day)
        last = day
    assert gone not in {day.day for day in days}
    assert days[-1].day > gone > days[0].day
    assert fold(days, is_workday=every_day)[0].current == len(days)
    before = [day for day in days if day.day < gone - timedelta(days=1)]
    after = [day for day in days if day.day > gone]
    assert fold([*before, *after], is_workday=every_day)[0].current == len(after)


def test_a_date_that_the_zone_skipped_uses_up_no_freeze():
    start = utc("2011-11-29T22:00:00")
    days = [checked_in((start + timedelta(days=n)).isoformat()[:19], "Pacific/Apia") for n in range(33)]
    days = [day for day in days if day.day != date(2011, 12, 29)]
    state, _ = fold(days, is_workday=every_day)
    assert (state.current, state.freezes, state.freezes_used) == (len(days), 0, 1)


def test_the_month_shows_a_date_that_the_zone_skipped_as_no_miss():
    gone = date(2011, 12, 30)
    found = calendar(
        [gone],
        steps=[],
        today=date(2012, 1, 2),
        joined_on=date(2011, 1, 1),
        streak_days=StreakDays.EVERY_DAY,
        is_workday=every_day,
        skipped={gone},
    )
    assert found == {gone: DayState.OFF}


def checked_in(at: str, zone: str, last: CheckinDay | None = None) -> CheckinDay:
    return checkin_day(utc(at), last=last, time_zone=zone)


def test_again_the_same_day_is_the_same_day():
    first = checked_in("2024-05-01T01:00:00", "Asia/Shanghai")
    assert checked_in("2024-05-01T15:00:00", "Asia/Shanghai", first) is first


def test_going_west_wins_no_second_checkin():
    shanghai = checked_in("2024-05-02T03:00:00", "Asia/Shanghai")
    assert checked_in("2024-05-02T03:01:00", "America/New_York", shanghai) is shanghai
    following = checked_in("2024-05-03T05:00:00", "America/New_York", shanghai)
    assert following.day == date(2024, 5, 3)


def test_going_east_wins_no_second_checkin_although_the_date_is_a_later_one():
    new_york = checked_in("2024-05-01T15:00:00", "America/New_York")
    assert checked_in("2024-05-01T17:00:00", "Asia/Shanghai", new_york) is new_york


def test_a_date_swallowed_on_the_way_east_breaks_no_streak():
    new_york = checked_in("2024-05-01T15:00:00", "America/New_York")
    following = checked_in("2024-05-02T17:00:00", "Asia/Shanghai", new_york)
    assert following.day == date(2024, 5, 3)
    assert fold([new_york, following], is_workday=every_day)[0].current == 2


def test_a_date_really_missed_after_going_east_breaks_the_streak():
    new_york = checked_in("2024-05-01T15:00:00", "America/New_York")
    following = checked_in("2024-05-03T17:00:00", "Asia/Shanghai", new_york)
    assert fold([new_york, following], is_workday=every_day)[0].current == 1


def test_a_streak_is_alive_over_a_swallowed_date():
    new_york = checked_in("2024-05-01T15:00:00", "America/New_York")
    state, _ = fold([new_york], is_workday=every_day)
    today = checked_in("2024-05-02T17:00:00", "Asia/Shanghai", new_york)
    assert live_length(state, today, is_workday=every_day) == 1


@given(st.lists(st.tuples(st.integers(1, 40), st.sampled_from(ZONES)), max_size=60))
def test_however_the_zone_changes_the_days_begin_twenty_hours_apart(moves):
    at, last, taken = utc("2024-01-01T12:00:00"), None, []
    for hours, zone in moves:
        at += timedelta(hours=hours)
        day = checkin_day(at, last=last, time_zone=zone)
        if day is not last:
            taken.append(day)
        last = day
    for one, two in itertools.pairwise(taken):
        assert two.day > one.day
        assert two.began_at - one.began_at >= timedelta(hours=20)


@given(st.sampled_from(ZONES), st.lists(st.sampled_from(ZONES), min_size=40, max_size=40))
def test_who_checks_in_every_hour_never_breaks_a_streak_by_changing_zone(start, zones):
    at, last, days = utc("2024-01-01T00:00:00"), None, []
    for zone in [start, *zones]:
        for _ in range(24):
            day = checkin_day(at, last=last, time_zone=zone)
            if day is not last:
                days.append(day)
            last = day
            at += timedelta(hours=1)
    state, _ = fold(days, is_workday=every_day)
    assert state.current == len(days)
