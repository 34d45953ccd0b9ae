"""When mail may go: by day on workdays, what is urgent never at night, in every zone and over every change of its clock."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.days import zone_of
from chassis.work_calendar import CHINA
from services.membership.mailings.time_rules import digest_at, goes_at

ZONES = [
    "Asia/Shanghai",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Pacific/Apia",
    "UTC",
]
# Over both changes of the clock of a year, and holidays with days worked for them.
MOMENTS = st.integers(0, 364 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
zones = st.sampled_from(ZONES)
WORK = CHINA.is_workday


def clock(at: datetime, zone: str) -> datetime:
    return at.astimezone(zone_of(zone))


@given(at=MOMENTS, zone=zones)
def test_ordinary_mail_goes_by_day_on_workdays_and_as_soon_as_that(at, zone):
    goes = goes_at(at, time_zone=zone, is_workday=WORK)
    shown = clock(goes, zone)
    assert goes >= at
    assert time(8, 30) <= shown.time() < time(21)
    assert WORK(shown.date())
    # Nothing before would have been right, looking every quarter of an hour.
    earlier = at
    while earlier < goes:
        past = clock(earlier, zone)
        assert not (time(8, 30) <= past.time() < time(21) and WORK(past.date()))
        earlier += timedelta(minutes=15)


@given(at=MOMENTS, zone=zones)
def test_what_is_urgent_never_goes_at_night_and_waits_for_nothing_else(at, zone):
    goes = goes_at(at, time_zone=zone, is_workday=WORK, urgent=True)
    shown = clock(goes, zone)
    assert time(8) <= shown.time() < time(22)
    assert at <= goes <= at + timedelta(hours=11)
    if time(8) <= clock(at, zone).time() < time(22):
        assert goes == at


@given(at=MOMENTS, zone=zones, hours=st.integers(0, 300))
def test_what_would_be_too_late_goes_sooner_but_never_at_night(at, zone, hours):
    due = at + timedelta(hours=hours)
    goes = goes_at(at, time_zone=zone, is_workday=WORK, due_at=due)
    calm = goes_at(at, time_zone=zone, is_workday=WORK)
    assert time(8) <= clock(goes, zone).time() < time(22)
    assert goes == (goes_at(at, time_zone=zone, is_workday=WORK, urgent=True) if due <= calm else calm)


@given(at=MOMENTS, zone=zones, urgent=st.booleans())
def test_what_may_go_may_go(at, zone, urgent):
    goes = goes_at(at, time_zone=zone, is_workday=WORK, urgent=urgent)
    assert goes_at(goes, time_zone=zone, is_workday=WORK, urgent=urgent) == goes


@given(at=MOMENTS, zone=zones)
def test_a_digest_goes_on_the_next_workday_in_the_morning(at, zone):
    goes = clock(digest_at(at, time_zone=zone, is_workday=WORK), zone)
    assert goes.time() == time(8, 30)
    assert goes.date() > clock(at, zone).date()
    assert WORK(goes.date())


CASES = [
    # A Friday evening, and the Monday after.
    ("2026-11-27T21:00", {}, "2026-11-30T08:30"),
    ("2026-11-27T20:59", {}, "2026-11-27T20:59"),
    ("2026-11-27T21:30", {"urgent": True}, "2026-11-27T21:30"),
    ("2026-11-27T22:00", {"urgent": True}, "2026-11-28T08:00"),
    ("2026-11-28T08:10", {"urgent": True}, "2026-11-28T08:10"),
    # National Day and the Sunday worked for it.
    ("2026-09-30T21:00", {}, "2026-10-08T08:30"),
    ("2026-10-09T22:00", {}, "2026-10-10T08:30"),
]


@pytest.mark.parametrize(("at", "options", "goes"), CASES)
def test_weekends_holidays_and_the_days_worked_for_them(at, options, goes):
    zone = zone_of("Asia/Shanghai")
    found = goes_at(
        datetime.fromisoformat(at).replace(tzinfo=zone), time_zone="Asia/Shanghai", is_workday=WORK, **options
    )
    assert found == datetime.fromisoformat(goes).replace(tzinfo=zone)


def test_a_calendar_without_workdays_holds_mail_back_for_two_months_at_most():
    at = datetime(2026, 11, 28, 12, tzinfo=UTC)
    found = goes_at(at, time_zone="UTC", is_workday=lambda _day: False)
    assert at < found + timedelta(days=1)
    assert found - at < timedelta(days=61)
