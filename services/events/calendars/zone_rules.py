"""Time zones as a calendar tells them (VTIMEZONE), for the years that it has dates in. Pure.

Every change of a clock is told as it was or will be, and none as a rule: rules of zones change, and some are none (Morocco goes by the moon).
"""

from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Final, NamedTuple

from chassis.days import zone_of
from chassis.ical import local, offset

_STEP: Final = timedelta(days=5)
"""No zone has changed its clock and changed it back within so short a time since 1970."""
_SECOND: Final = timedelta(seconds=1)


class Clock(NamedTuple):
    """What a zone's clock shows from some moment on."""

    offset: timedelta
    summer: bool
    name: str


class Change(NamedTuple):
    """When a clock began to show what it shows, and what it had shown before."""

    at: datetime
    before: Clock
    after: Clock


def written_in(zone: str, moments: Collection[datetime]) -> bool:
    """Whether moments can be written as what the zone's clock shows: what a clock shows twice is meant the first time."""
    return zone != "UTC" and all(moment.astimezone(zone_of(zone)).fold == 0 for moment in moments)


@lru_cache(maxsize=512)
def time_zone(zone: str, years: frozenset[int]) -> tuple[str, ...]:
    """The lines of a VTIMEZONE that is right for these years of the zone's own calendar."""
    lines = ["BEGIN:VTIMEZONE", f"TZID:{zone}"]
    for change in _told(zone, sorted(years)):
        kind = "DAYLIGHT" if change.after.summer else "STANDARD"
        lines += (
            f"BEGIN:{kind}",
            # Onsets are told by the clock as it was until then.
            f"DTSTART:{local(change.at.astimezone(UTC) + change.before.offset)}",
            f"TZOFFSETFROM:{offset(change.before.offset)}",
            f"TZOFFSETTO:{offset(change.after.offset)}",
            f"TZNAME:{change.after.name}",
            f"END:{kind}",
        )
    return (*lines, "END:VTIMEZONE")


def _told(zone: str, years: list[int]) -> Iterator[Change]:
    for before, year in pairwise([0, *years]):
        if before + 1 < year:
            clock = _clock(zone, _begins(zone, year))
            yield Change(_begins(zone, year), clock, clock)
        yield from changes_in(zone, year)


@lru_cache(maxsize=4096)
def changes_in(zone: str, year: int) -> tuple[Change, ...]:
    """The changes of a zone's clock in a year, the first second of it left out."""
    found: list[Change] = []
    after, end = _begins(zone, year), _begins(zone, year + 1)
    while after < end:
        until = min(after + _STEP, end)
        before, then = _clock(zone, after), _clock(zone, until)
        if before != then:
            at = _changed(zone, after, until)
            found.append(Change(at, before, then))
        after = until
    return tuple(found)


def _changed(zone: str, early: datetime, late: datetime) -> datetime:
    """The first second at which the clock shows what it shows at the late moment."""
    old = _clock(zone, early)
    while late - early > _SECOND:
        middle = (early + (late - early) / 2).replace(microsecond=0)
        if _clock(zone, middle) == old:
            early = middle
        else:
            late = middle
    return late


def _clock(zone: str, at: datetime) -> Clock:
    there = at.astimezone(zone_of(zone))
    return Clock(there.utcoffset() or timedelta(), bool(there.dst()), there.tzname() or zone)


@lru_cache(maxsize=4096)
def _begins(zone: str, year: int) -> datetime:
    return datetime(year, 1, 1, tzinfo=zone_of(zone)).astimezone(UTC)
