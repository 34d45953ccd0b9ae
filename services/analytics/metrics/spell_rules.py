"""From when until when somebody was a member, where they worked meanwhile, and whether they ran the community. Pure."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import accumulate, zip_longest
from typing import Generic, TypeVar

from chassis.moments import Calendars, StatusChange, status_then
from services.analytics.metrics.rules import Period

T = TypeVar("T")
_ONE_DAY = timedelta(days=1)

Place = tuple[str, str]
"""Department and job grade; empty where somebody has none, or it is not known."""
NOWHERE: Place = ("", "")


@dataclass(frozen=True, slots=True)
class Dated(Generic[T]):
    """What was so from a moment on."""

    at: datetime
    what: T


@dataclass(frozen=True, slots=True)
class Spell:
    """Days on which somebody was a member, in one place.

    `left_on` is the day on which that ended, None if it has not: they were there on that day, but not any more at its end.
    """

    starts_on: date
    left_on: date | None
    place: Place
    staff: bool


def spells(
    statuses: Sequence[StatusChange],
    staff: Sequence[Dated[bool]],
    places: Sequence[Dated[Place]],
    calendars: Calendars,
) -> list[Spell]:
    """The spells of one member; each list in the order in which it was told, by version."""
    made: list[Spell] = []
    state: tuple[Place, bool] | None = None
    moments = {one.at for one in statuses} | {one.at for one in staff} | {one.at for one in places}
    for at in sorted(moments):
        stays = status_then(statuses, at) != "stranger"
        now = (_then(places, at, NOWHERE), _then(staff, at, False)) if stays else None
        if now == state:
            continue
        day = calendars.day_of(at)
        if state is not None:
            begun = made.pop()
            made.append(Spell(begun.starts_on, max(day, begun.starts_on), begun.place, begun.staff))
        if now is not None:
            made.append(Spell(day, None, *now))
        state = now
    return made


def first_change(before: Sequence[Spell], after: Sequence[Spell]) -> date | None:
    """The first day on which a member is counted otherwise; None where nothing is."""
    for old, new in zip_longest(before, after):
        if old == new:
            continue
        if old is not None and new is not None and replace(old, left_on=None) == replace(new, left_on=None):
            return min(day for day in (old.left_on, new.left_on) if day is not None)
        return min(one.starts_on for one in (old, new) if one is not None)
    return None


def _then(said: Sequence[Dated[T]], at: datetime, unknown: T) -> T:
    """What was so at a moment; before the first was told, the first."""
    for one in reversed(said):
        if one.at <= at:
            return one.what
    return said[0].what if said else unknown


Days = tuple[date, date | None]
"""From a day until another, both included; None is still."""


def together(days: Iterable[Days]) -> Iterator[tuple[date, date]]:
    """The same days, none of them twice."""
    begun: date | None = None
    until = date.min
    for starts_on, left_on in sorted(days, key=lambda one: one[0]):
        ends_on = left_on or date.max
        if begun is None:
            begun, until = starts_on, ends_on
        elif until == date.max or starts_on <= until + _ONE_DAY:
            until = max(until, ends_on)
        else:
            yield begun, until
            begun, until = starts_on, ends_on
    if begun is not None:
        yield begun, until


@dataclass(slots=True)
class Presence:
    """How many were there on at least one day of a period, and on how many days together."""

    members: int = 0
    days: int = 0


def presences(of_members: Iterable[Iterable[Days]], periods: Sequence[Period]) -> list[Presence]:
    """For each period, who was there. `periods` are in order and may have gaps; each of `of_members` is one member's days."""
    starts, ends = [one.starts_on for one in periods], [one.ends_on for one in periods]
    found = [Presence() for _ in periods]
    # What changes from one period to the next: somebody may have been there for hundreds of them.
    members, throughout = [0] * (len(periods) + 1), [0] * (len(periods) + 1)
    for days in of_members:
        counted = 0
        for first, last in together(days):
            begin, end = bisect_left(ends, first), bisect_right(starts, last) - 1
            if begin > end:
                continue
            for edge in {begin, end}:
                found[edge].days += (min(last, ends[edge]) - max(first, starts[edge])).days + 1
            if end - begin > 1:
                throughout[begin + 1] += 1
                throughout[end] -= 1
            if (fresh := max(begin, counted)) <= end:
                members[fresh] += 1
                members[end + 1] -= 1
                counted = end + 1
    for one, there, whole, period in zip(found, accumulate(members), accumulate(throughout), periods, strict=False):
        one.members, one.days = there, one.days + whole * period.days
    return found
