"""When participants are reminded of a day: at a time of it by their own clocks. Pure."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from chassis.days import day_began_at, moment_at

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Reminding:
    """The days of a plan, in order, and at which time of them whom is reminded who is missing."""

    days: Sequence[date]
    at: time
    day_starts_at: time

    def moment(self, day: date, time_zone: str) -> datetime:
        """When those in a zone are reminded of a day. A time before the day begins is of its night."""
        of = day if self.at >= self.day_starts_at else day + _ONE_DAY
        return moment_at(of, self.at, time_zone=time_zone)

    def ends_at(self, day: date, time_zone: str) -> datetime:
        """When a day is over in a zone."""
        return day_began_at(day + _ONE_DAY, time_zone=time_zone, day_starts_at=self.day_starts_at)

    def due(self, time_zones: Iterable[str], *, after: datetime, until: datetime) -> Iterator[tuple[date, str]]:
        """The days, each with the zone, of which somebody is reminded after a moment and until another, that included."""
        for zone in sorted(set(time_zones)):
            for day in self._from(after):
                at = self.moment(day, zone)
                if at > until:
                    break
                if at > after:
                    yield day, zone

    def next(self, time_zones: Iterable[str], *, after: datetime) -> datetime | None:
        """The first moment after one at which somebody is reminded; None after the last."""
        found = (
            next((at for day in self._from(after) if (at := self.moment(day, zone)) > after), None)
            for zone in set(time_zones)
        )
        return min((at for at in found if at is not None), default=None)

    def _from(self, moment: datetime) -> Sequence[date]:
        """The days that may be reminded of after a moment, in whatever zone."""
        return self.days[bisect_left(self.days, moment.date() - 2 * _ONE_DAY) :]
