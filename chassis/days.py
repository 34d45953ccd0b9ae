"""Days by the clock of a zone: when they begin, and which one a moment belongs to. Pure.

Whoever counts by days asks here: two ways of telling a day differ where a clock is set back, or a zone skips a date.
"""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

MIDNIGHT = time(0)
_ONE_DAY = timedelta(days=1)


@lru_cache(maxsize=1024)
def zone_of(name: str) -> ZoneInfo:
    """The zone of an IANA name. Raises `KeyError` or `ValueError` for anything else."""
    try:
        return ZoneInfo(name)
    except OSError:
        # "Asia" is a folder of zones, and a name of 300 characters no name of a file.
        raise ValueError(f"no time zone: {name[:64]!r}") from None


def day_began_at(day: date, *, time_zone: str, day_starts_at: time = MIDNIGHT) -> datetime:
    """The moment (UTC) at which a day begins.

    A clock that shows `day_starts_at` twice begins the day at the first; one that skips it, as long after the skip as it
    would have been without. A date that the zone skipped begins and ends at one moment.
    """
    return _began_at(day, time_zone, day_starts_at)


@lru_cache(maxsize=4096)
def _began_at(day: date, time_zone: str, day_starts_at: time) -> datetime:
    # Asked twice for every deed, and mostly of the same few days.
    return moment_at(day, day_starts_at, time_zone=time_zone)


def moment_at(day: date, at: time, *, time_zone: str) -> datetime:
    """The moment (UTC) at which a clock shows a time of a day: the first, if it does so twice."""
    return datetime.combine(day, at, tzinfo=zone_of(time_zone)).astimezone(UTC)


def local_day(at: datetime, *, time_zone: str, day_starts_at: time = MIDNIGHT) -> date:
    """The day to which a moment belongs. Days never run backwards, also when the clock is set back over their beginning."""
    day = at.astimezone(zone_of(time_zone)).date()
    # The day before that is no date that the zone skipped.
    while at < _began_at(day, time_zone, day_starts_at):
        day -= _ONE_DAY
    # A clock set back over the beginning shows the day before again, although the new day goes on.
    while at >= _began_at(day + _ONE_DAY, time_zone, day_starts_at):
        day += _ONE_DAY
    return day


def month_of(day: date) -> date:
    """The first day of its month."""
    return day.replace(day=1)


def months_later(day: date, months: int) -> date:
    """The same day of a month so many later, or earlier; the last of one that has no such day."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def is_skipped(day: date, *, time_zone: str, day_starts_at: time = MIDNIGHT) -> bool:
    """Whether the zone never had that date, as Samoa no 30 December 2011."""
    return _began_at(day, time_zone, day_starts_at) >= _began_at(day + _ONE_DAY, time_zone, day_starts_at)
