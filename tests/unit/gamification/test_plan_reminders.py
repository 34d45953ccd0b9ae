"""When participants are reminded, whatever their zones."""

from datetime import UTC, date, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.gamification.plans.reminding_rules import Reminding

FIRST = date(2024, 3, 28)
DAYS = [FIRST + timedelta(days=n) for n in range(6)]
ZONES = st.sets(
    st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/Los_Angeles", "Pacific/Kiritimati"]), min_size=1
)
TIMES = st.sampled_from([time(0), time(1), time(8), time(20), time(23, 59)])


@given(ZONES, TIMES, st.sampled_from([time(0), time(4)]))
def test_going_on_from_one_moment_to_the_next_reminds_each_zone_of_each_day_once(zones, at, day_starts_at):
    reminding = Reminding(DAYS, at, day_starts_at)
    after = datetime(2024, 3, 20, tzinfo=UTC)
    found = []
    while (following := reminding.next(zones, after=after)) is not None:
        assert following > after
        found += list(reminding.due(zones, after=after, until=following))
        after = following
    assert sorted(found) == sorted((day, zone) for day in DAYS for zone in zones)


@given(ZONES, TIMES, st.sampled_from([time(0), time(4)]))
def test_a_reminder_comes_before_its_day_is_over(zones, at, day_starts_at):
    reminding = Reminding(DAYS, at, day_starts_at)
    for zone in zones:
        for day in DAYS:
            assert reminding.moment(day, zone) < reminding.ends_at(day, zone)
