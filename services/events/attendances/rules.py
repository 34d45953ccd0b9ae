"""When one can check in, and what an attendance comes to. Pure."""

from datetime import datetime, timedelta
from typing import Final, Literal

Role = Literal["attendee", "speaker"]
Extent = Literal["full", "partial"]

DOORS_OPEN: Final = timedelta(hours=1)
"""So long before the start one can check in."""
SCANS_TAKEN: Final = timedelta(days=7)
"""So long after the end what was scanned without a network is taken."""
WHOLE: Final = 0.8
"""Who was there for this part of the time was there for the whole of it."""


def doors_are_open(starts_at: datetime, ends_at: datetime, now: datetime) -> bool:
    """Whether one can check in now."""
    return starts_at - DOORS_OPEN <= now < ends_at


def came_by_hand(starts_at: datetime, ends_at: datetime, now: datetime) -> datetime:
    """When somebody came of whom nothing else is said: now while it takes place, from the start where it is over."""
    return starts_at if now >= ends_at else now


def there_from_to(in_at: datetime, out_at: datetime | None, seen_at: datetime) -> tuple[datetime, datetime]:
    """From when until when somebody was there who was seen at the door once more."""
    return min(in_at, seen_at), max(out_at or in_at, seen_at)


def extent_of(
    *, role: str, check_out: str, starts_at: datetime, ends_at: datetime, in_at: datetime, out_at: datetime | None
) -> tuple[Extent, int]:
    """How much of an activity somebody was at, and for how many minutes.

    Where nobody checks out, who came was there for all of it. Else from when they came until they went; who never checked out
    was there until the end, but not for the whole. Nobody scans the pass of who speaks: they were there for all of it, unless somebody said when they left.
    """
    lasted = ends_at - starts_at
    if check_out == "none" or (role == "speaker" and out_at is None):
        return "full", _minutes(lasted)
    there = max(timedelta(), min(out_at or ends_at, ends_at) - max(in_at, starts_at))
    whole = out_at is not None and there >= lasted * WHOLE
    return ("full" if whole else "partial"), _minutes(there)


def _minutes(time: timedelta) -> int:
    return int(time.total_seconds()) // 60
