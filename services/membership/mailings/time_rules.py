"""When a message may reach somebody outside, by the clock of their zone; pure."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Final

from chassis.days import local_day, moment_at

UNREAD_FOR: Final = timedelta(minutes=10)
"""Who reads it by then needs no mail."""
KEPT: Final = timedelta(days=7)
DIGEST_KEPT: Final = timedelta(days=2)
_AWAKE: Final = (time(8), time(22))
"""Outside of these hours nothing goes, whatever it is."""
_CALM: Final = (time(8, 30), time(21))
_DAY: Final = timedelta(days=1)
_LONGEST: Final = 60
"""No holidays are longer, however a calendar was imported."""

IsWorkday = Callable[[date], bool]


def goes_at(
    at: datetime, *, time_zone: str, is_workday: IsWorkday, urgent: bool = False, due_at: datetime | None = None
) -> datetime:
    """The first moment from `at` on at which a message may go.

    From 8:30 to 21:00 on workdays; what is `urgent`, or would be due before that, on any day from 8:00 to 22:00.
    """
    awake = _within(at, _AWAKE, time_zone, lambda _day: True)
    if urgent:
        return awake
    calm = _within(at, _CALM, time_zone, is_workday)
    return awake if due_at is not None and due_at <= calm else calm


def digest_at(told_at: datetime, *, time_zone: str, is_workday: IsWorkday) -> datetime:
    """When what was told then goes in one message with the rest of its day: the next workday at 8:30."""
    tomorrow = moment_at(local_day(told_at, time_zone=time_zone) + _DAY, time(0), time_zone=time_zone)
    return goes_at(tomorrow, time_zone=time_zone, is_workday=is_workday)


def _within(at: datetime, hours: tuple[time, time], time_zone: str, is_allowed: IsWorkday) -> datetime:
    day = local_day(at, time_zone=time_zone)
    for _ in range(_LONGEST):
        begins, ends = (moment_at(day, hour, time_zone=time_zone) for hour in hours)
        # A date that the zone skipped has no hours.
        if at < ends and begins < ends and is_allowed(day):
            return max(at, begins)
        day += _DAY
    return _within(at, hours, time_zone, lambda _day: True)
