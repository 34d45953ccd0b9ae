"""Which period a moment belongs to, by the calendars that a community has had. Pure."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from chassis.days import day_began_at
from chassis.moments import NO_CALENDARS, Calendar, Calendars
from services.analytics.metrics.rules import Period

_ONE_DAY = timedelta(days=1)
_FIRST = datetime.min.replace(tzinfo=UTC)
_UTC = Calendar(_FIRST, "UTC")


@dataclass(frozen=True, slots=True)
class _Bounds:
    """When periods begin by one calendar, and when the last of them ends."""

    since: datetime
    begins: list[datetime]


class Placing:
    """Finds the period of many moments: days are looked up once for each period, not once for each moment."""

    def __init__(self, calendars: Calendars, periods: Sequence[Period]) -> None:
        """`periods` follow one another, day by day."""
        self._periods = periods
        versions = (calendars if calendars.versions else NO_CALENDARS).versions or (_UTC,)
        self._bounds = [_Bounds(version.at, _begins(version, periods)) for version in versions]

    @property
    def begins(self) -> datetime:
        """No moment of the periods is before this one."""
        return min(bounds.begins[0] for bounds in self._bounds)

    @property
    def ends(self) -> datetime:
        """All moments of the periods are before this one."""
        return max(bounds.begins[-1] for bounds in self._bounds)

    def of(self, at: datetime) -> Period | None:
        """The period of a moment; None for one outside of them all."""
        bounds = self._bounds[0]
        for later in reversed(self._bounds):
            if later.since <= at:
                bounds = later
                break
        place = bisect_right(bounds.begins, at) - 1
        return self._periods[place] if 0 <= place < len(self._periods) else None


def _begins(calendar: Calendar, periods: Sequence[Period]) -> list[datetime]:
    days = [*(period.starts_on for period in periods), periods[-1].ends_on + _ONE_DAY]
    return [day_began_at(day, time_zone=calendar.time_zone, day_starts_at=calendar.day_starts_at) for day in days]
