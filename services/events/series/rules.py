"""On which days a series has its dates, and at which moments. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, takewhile
from typing import Final, Literal

from chassis.bounds import is_day
from chassis.days import zone_of

Frequency = Literal["weekly", "monthly"]
Weekday = Literal["mo", "tu", "we", "th", "fr", "sa", "su"]
Status = Literal["draft", "announced", "cancelled"]

WEEKDAYS: Final[tuple[Weekday, ...]] = ("mo", "tu", "we", "th", "fr", "sa", "su")
LAST: Final = -1
"""The last one of a month: its last day, or its last Friday."""
MOST_DATES: Final = 200
LONGEST: Final = timedelta(days=3660)
"""What a series has beyond ten years is a mistake in the year."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Every `interval` weeks on `weekdays` (0 is Monday), or every `interval` months on a day of the month or on its nth weekday."""

    frequency: Frequency
    interval: int = 1
    weekdays: tuple[int, ...] = ()
    day_of_month: int | None = None
    nth: int | None = None

    def misfits(self) -> Iterator[tuple[str, str]]:
        """Which of its fields do not fit together, each with the code of what is wrong."""
        if self.frequency == "weekly":
            if not self.weekdays:
                yield "weekdays", "missing"
            for name in ("day_of_month", "nth"):
                if getattr(self, name) is not None:
                    yield name, "only_monthly"
        elif self.day_of_month is None:
            if self.nth is None:
                yield "day_of_month", "missing"
            elif len(self.weekdays) != 1:
                yield "weekdays", "one_weekday"
        else:
            if self.nth is not None:
                yield "nth", "day_or_weekday"
            if self.weekdays:
                yield "weekdays", "day_or_weekday"

    def days(self, starts_on: date) -> Iterator[date]:
        """Its days from a day on, for ten years, and no longer than there are days here: a month that has no such day has none. Weeks begin on Monday."""
        found = self._weekly(starts_on) if self.frequency == "weekly" else self._monthly(starts_on)
        last = starts_on + LONGEST
        return takewhile(lambda day: day <= last and is_day(day), (day for day in found if day >= starts_on))

    def _weekly(self, starts_on: date) -> Iterator[date]:
        monday = starts_on - timedelta(days=starts_on.weekday())
        while True:
            yield from (monday + timedelta(days=day) for day in sorted(self.weekdays))
            monday += timedelta(weeks=self.interval)

    def _monthly(self, starts_on: date) -> Iterator[date]:
        months = starts_on.year * 12 + starts_on.month - 1
        last = months + LONGEST.days // 28
        for month in range(months, last, self.interval):
            day = self._in_month(date(month // 12, month % 12 + 1, 1))
            if day is not None:
                yield day

    def _in_month(self, first: date) -> date | None:
        after = (first + timedelta(days=31)).replace(day=1)
        if self.nth is None:
            wanted = self.day_of_month or 1
            day = after - timedelta(days=1) if wanted == LAST else first + timedelta(days=wanted - 1)
        elif self.nth == LAST:
            day = after - timedelta(days=(after.weekday() - self.weekdays[0] - 1) % 7 + 1)
        else:
            day = first + timedelta(days=(self.weekdays[0] - first.weekday()) % 7 + 7 * (self.nth - 1))
        return day if day < after else None


def planned(
    rule: Rule,
    starts_on: date,
    *,
    until: date | None,
    count: int | None,
    after: date | None = None,
    most: int = MOST_DATES,
) -> list[date] | str:
    """The days of a series until a day, or so many of them; or the code of what is wrong with its end.

    `after`: only days after this one; `starts_on` says from where weeks and months are counted all the same.
    """
    wanted = most if count is None else count
    if wanted > most:
        return "too_many_dates"
    if until is not None and until > starts_on + LONGEST:
        return "too_far"
    later = (day for day in rule.days(starts_on) if after is None or day > after)
    days = [day for day in islice(later, wanted + 1) if until is None or day <= until]
    if count is not None:
        return days[:count] if len(days) >= count else "too_far"
    return "too_many_dates" if len(days) > most else days or "no_dates"


def placed(day: date, at: str, minutes: int, time_zone: str) -> tuple[datetime, datetime]:
    """When (UTC) a date begins and ends that begins at `HH:MM` by the clock of its zone.

    The clock stays the same when it is set forward or back. What it shows twice that day is meant the first time; what it skips is as long
    after the skip as it would have been without. How long it lasts is counted in minutes that go by.
    """
    starts = datetime.combine(day, time.fromisoformat(at), tzinfo=zone_of(time_zone)).astimezone(UTC)
    return starts, starts + timedelta(minutes=minutes)


def so_long_before(starts_at: datetime, minutes: int | None) -> datetime | None:
    """A moment before the start."""
    return None if minutes is None else starts_at - timedelta(minutes=minutes)
