"""What a file may say of a year's days. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from chassis.work_calendar import WorkCalendar, WorkYear, is_plain_workday

OFF, WORKDAY = "off", "workday"
_EARLIEST = timedelta(hours=14)
"""Nowhere does a day begin, and end, earlier before it does in UTC."""


@dataclass(frozen=True, slots=True)
class NamedDay:
    """A day of which somebody said what it is."""

    date: date
    kind: str
    name: str | None = None


def is_over(day: date, now: datetime) -> bool:
    """Whether a day has ended anywhere: streaks may have been judged by it."""
    return day < (now + _EARLIEST).date()


def may_change(calendar: WorkCalendar, day: NamedDay, now: datetime) -> bool:
    """Whether a file may still say this of a day: what was decided under a known calendar stays as it was."""
    says_the_same = calendar.is_workday(day.date) is (day.kind == WORKDAY)
    return says_the_same or not calendar.is_known(day.date) or not is_over(day.date, now)


def named_days(year: WorkYear) -> dict[date, NamedDay]:
    """The days of a year that the release knows, without names."""
    return {day: NamedDay(day, OFF) for day in year.off} | {day: NamedDay(day, WORKDAY) for day in year.workdays}


def as_year(known_until: date, days: Iterable[NamedDay]) -> WorkYear:
    """The days that differ from the plain week."""
    differing = [day for day in days if is_plain_workday(day.date) is not (day.kind == WORKDAY)]
    return WorkYear(
        known_until,
        frozenset(day.date for day in differing if day.kind == OFF),
        frozenset(day.date for day in differing if day.kind == WORKDAY),
    )


def kept(days: Mapping[date, NamedDay]) -> list[dict[str, str | None]]:
    """Days as they are kept, in order."""
    return [{"date": day.date.isoformat(), "kind": day.kind, "name": day.name} for _, day in sorted(days.items())]


def read_kept(days: Iterable[Mapping[str, str | None]]) -> dict[date, NamedDay]:
    """Days out of what is kept."""
    found = (NamedDay(date.fromisoformat(str(day["date"])), str(day["kind"]), day["name"]) for day in days)
    return {day.date: day for day in found}
