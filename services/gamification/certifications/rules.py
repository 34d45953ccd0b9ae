"""Periods of a certification: when one opens, is due and ends, what fulfils it, when members are told. Days are the community's."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from chassis.days import months_later

RequirementKind = Literal["activity"]
"""Courses and tests come later."""
Status = Literal["upcoming", "open", "overdue", "completed", "closed"]
LEADS: Final = (90, 60, 30, 7)
"""Days before a period is due on which its member is told; then once more when it is overdue."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How long it is valid: months from when it was due, or until the same `window` of the next year closes."""

    first_due_days: int
    valid_months: int | None
    renewal_opens_days: int
    window_opens: str | None = None
    window_closes: str | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """What was done in it counts for it; `due_on` is the last day."""

    opens_on: date
    due_on: date


def first_period(terms: Terms, begins_on: date) -> Period:
    """The period of who is asked for it for the first time."""
    if terms.window_opens and terms.window_closes:
        return _window_from(terms.window_opens, terms.window_closes, begins_on)
    return Period(begins_on, begins_on + timedelta(days=terms.first_due_days))


def next_period(terms: Terms, period: Period, completed_on: date, *, first: bool) -> Period:
    """The period after one that was completed. Who renews early loses no day; who was late begins when they were done."""
    if terms.window_opens and terms.window_closes:
        after = max(period.due_on, completed_on) + timedelta(days=1)
        window = _window_from(terms.window_opens, terms.window_closes, after)
        return Period(max(window.opens_on, completed_on + timedelta(days=1)), window.due_on)
    if terms.valid_months is None:
        raise ValueError("a certification is valid for months or has a window")
    base = completed_on if first or completed_on > period.due_on else period.due_on
    due = months_later(base, terms.valid_months)
    opens = max(due - timedelta(days=terms.renewal_opens_days), completed_on + timedelta(days=1))
    return Period(min(opens, due), due)


def taken_up(terms: Terms, period: Period, closed_on: date, today: date) -> Period:
    """The period of who is asked again: one that fell due meanwhile gives them as long as who is asked for the first time.

    Who was overdue before stays so: going away for a day is no way out.
    """
    if closed_on <= period.due_on < today:
        return Period(period.opens_on, first_period(terms, today).due_on)
    return period


def _window_from(opens: str, closes: str, day: date) -> Period:
    """The first window that closes on this day or later."""
    year = day.year - 1
    while True:
        begins = _in_year(opens, year)
        ends = _in_year(closes, year if closes >= opens else year + 1)
        if ends >= day:
            return Period(begins, ends)
        year += 1


def _in_year(month_day: str, year: int) -> date:
    month, day = (int(part) for part in month_day.split("-"))
    return date(year, month, 28) if (month, day) == (2, 29) else date(year, month, day)


@dataclass(frozen=True, slots=True)
class Deed:
    """A member was at all of an activity."""

    id: UUID
    at: datetime
    activity_id: UUID
    series_id: UUID | None
    activity_kind: str


def fulfils(requirement: Mapping[str, str | None], deed: Deed) -> bool:
    """Whether a deed is what a requirement asks."""
    asked = {
        "activity_id": str(deed.activity_id),
        "series_id": str(deed.series_id) if deed.series_id else None,
        "activity_kind": deed.activity_kind,
    }
    return all(asked[name] == value for name, value in requirement.items() if name != "kind" and value is not None)


def evidence(requires: Sequence[Mapping[str, str | None]], deeds: Iterable[Deed]) -> list[Deed] | None:
    """For each requirement the earliest deed that fulfils it; None while one is missing."""
    ordered = sorted(deeds, key=lambda deed: (deed.at, deed.id))
    found = [next((deed for deed in ordered if fulfils(one, deed)), None) for one in requires]
    return [deed for deed in found if deed is not None] if all(found) else None


def status_at(
    now: datetime,
    *,
    opens_at: datetime,
    due_at: datetime,
    completed_at: datetime | None,
    closed_at: datetime | None = None,
) -> Status:
    """What a run is by the clock."""
    if completed_at is not None:
        return "completed"
    if closed_at is not None:
        return "closed"
    if now >= due_at:
        return "overdue"
    return "open" if now >= opens_at else "upcoming"


def next_telling(opens_at: datetime, due_at: datetime, after: datetime) -> datetime | None:
    """When the member is told next that it is due, or overdue; None once that was told. Nobody is told before it opens."""
    moments = [max(due_at - timedelta(days=lead), opens_at) for lead in LEADS]
    return next((moment for moment in sorted({*moments, due_at}) if moment > after), None)


def lead_at(due_at: datetime, now: datetime) -> int | None:
    """How many days before it is due that is, rounded to what is told; None where it is overdue."""
    if now >= due_at:
        return None
    left = due_at - now
    return min((lead for lead in LEADS if left <= timedelta(days=lead)), default=LEADS[0])
