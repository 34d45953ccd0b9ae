"""What somebody learned at an activity. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

SPEAKER: Final = "speaker"
FULL: Final = "full"


@dataclass(frozen=True, slots=True)
class Held:
    """An activity as the latest message told; `hours` are those of who was there for all of it, None where it gives none."""

    starts_at: datetime
    ends_at: datetime
    hours: float | None
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Attended:
    """That somebody was at an activity. `at` is when that was told, `hours` what was told of its hours to who was there for all of it."""

    role: str
    extent: str
    minutes: int
    at: datetime
    hours: float | None = None


@dataclass(frozen=True, slots=True)
class Learned:
    """What somebody has of an activity: as who came, and apart from that as who spoke. `share`: which part of it they were at."""

    hours: float
    taught_hours: float
    share: float
    minutes: int
    at: datetime


def learned(held: Held | None, attended: Iterable[Attended]) -> Learned | None:
    """What it comes to; None where it comes to nothing.

    Who was there for all of it has its hours, who was there for a part of it that share of them, by minutes. As long as the activity is not known,
    only who was there for all of it has something. Nobody has anything of what was cancelled, or moved behind what was told of it.
    """
    found = [one for one in attended if _counts(held, one)]
    hours = max((_hours(held, one) for one in found if one.role != SPEAKER), default=0.0)
    taught = max((_hours(held, one) for one in found if one.role == SPEAKER), default=0.0)
    if not hours and not taught:
        return None
    return Learned(
        hours=hours,
        taught_hours=taught,
        share=max(_share(held, one) for one in found),
        minutes=max(one.minutes for one in found),
        at=held.starts_at if held is not None else min(one.at for one in found),
    )


def _counts(held: Held | None, one: Attended) -> bool:
    return held is None or not (held.cancelled or one.at < held.starts_at)


def _hours(held: Held | None, one: Attended) -> float:
    whole = one.hours if held is None else held.hours
    return round((whole or 0.0) * _share(held, one), 2)


def _share(held: Held | None, one: Attended) -> float:
    if one.extent == FULL:
        return 1.0
    lasted = (held.ends_at - held.starts_at).total_seconds() / 60 if held is not None else 0.0
    return min(1.0, max(0, one.minutes) / lasted) if lasted > 0 else 0.0
