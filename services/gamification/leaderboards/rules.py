"""Windows of a leaderboard, the order in it, and when it freezes: pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Literal
from uuid import UUID

from chassis.days import day_began_at

FREEZES_AFTER = timedelta(hours=24)
"""How long after its end a window still takes late entries."""
EXACT_RANKS = 1000
"""Up to here a member's own rank is counted; below it they get a percentile."""
BEGINNING = date(1970, 1, 1)
"""Where the window of all time begins; a window needs a first day to be a key."""


class Period(StrEnum):
    """How long the windows of a leaderboard are."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    ALL_TIME = "all_time"
    SEASON = "season"
    """From and to days that the community itself chose."""


@dataclass(frozen=True, slots=True)
class Part:
    """Whom a board is of: everybody, the members of a cohort, or those of a department, not of those below it."""

    column: Literal["cohort_id", "department"] | None = None
    value: UUID | str | None = None


EVERYBODY = Part()


@dataclass(frozen=True, slots=True)
class Window:
    """One stretch of a community's days; `to_day` is included, and None when there is no end."""

    period: Period
    from_day: date
    to_day: date | None


def window_of(day: date, period: Period) -> Window:
    """The window to which a day belongs. Weeks begin on Monday."""
    if period is Period.DAY:
        return Window(period, day, day)
    if period is Period.WEEK:
        monday = day - timedelta(days=day.weekday())
        return Window(period, monday, monday + timedelta(days=6))
    if period is Period.MONTH:
        first = day.replace(day=1)
        return Window(period, first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1))
    if period is Period.SEASON:
        raise ValueError("a day does not say which season it is of")
    return Window(period, BEGINNING, None)


def windows_of(day: date, seasons: Iterable[Window] = ()) -> tuple[Window, ...]:
    """Every window that an entry of this day counts in, given the seasons of its community."""
    by_calendar = (window_of(day, period) for period in Period if period is not Period.SEASON)
    return (*by_calendar, *(season for season in seasons if holds(season, day)))


def holds(window: Window, day: date) -> bool:
    """Whether the day is one of the window's."""
    return window.from_day <= day and (window.to_day is None or day <= window.to_day)


def bounds(window: Window, *, time_zone: str, day_starts_at: time = time(0)) -> tuple[datetime | None, datetime | None]:
    """The first moment (UTC) of the window and the first one after it; None where it has no end."""
    if window.to_day is None:
        return None, None
    first, end = (
        day_began_at(day, time_zone=time_zone, day_starts_at=day_starts_at)
        for day in (window.from_day, window.to_day + timedelta(days=1))
    )
    return first, end


def freezes_at(end: datetime | None, *, first_seen_at: datetime) -> datetime | None:
    """When a window that ends then takes no more entries: 24 h after its end; without an end never.

    A window whose first entry of all arrives later than that, from the import of a history, stays open 24 h from there.
    """
    return None if end is None else max(end, first_seen_at) + FREEZES_AFTER


def is_frozen(freezes: datetime | None, *, now: datetime) -> bool:
    """Whether a window takes no more entries."""
    return freezes is not None and freezes <= now


def percentile(*, ahead: int, members: int) -> float:
    """The share of the board, in percent, that stands at this place or before it; one decimal, at least 0.1."""
    if members <= 0:
        return 100.0
    return min(100.0, max(0.1, round(100 * (ahead + 1) / members, 1)))
