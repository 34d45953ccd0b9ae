"""Who gets a seat, who waits, and when one may register or give a seat back. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

SEATED: Final[frozenset[str]] = frozenset({"confirmed", "offered", "assigned"})
"""They take a seat."""
LIVE: Final[frozenset[str]] = SEATED | {"waitlisted"}
"""They are somewhere on the list."""

SHORT_NOTICE: Final = timedelta(hours=24)
"""So long before the start a seat goes only to those who said that they come at short notice."""
NO_SHOWS: Final = 2
"""Who did not come so often stands behind the others in a line."""
REMEMBERED: Final = timedelta(days=90)
"""For so long."""


@dataclass(frozen=True, slots=True)
class Window:
    """When one may register for an activity and give a seat back."""

    starts_at: datetime
    opens_at: datetime | None
    closes_at: datetime | None
    cancel_until: datetime | None

    def closed(self, now: datetime) -> str | None:
        """Why one cannot register now: `not_open_yet`, `closed` or `started`; None if one can."""
        if now >= self.starts_at:
            return "started"
        if self.opens_at is not None and now < self.opens_at:
            return "not_open_yet"
        if self.closes_at is not None and now >= self.closes_at:
            return "closed"
        return None

    def kept(self, now: datetime) -> bool:
        """Whether it is too late to give a seat back."""
        return now >= min(self.starts_at, self.cancel_until or self.starts_at)

    def is_short(self, now: datetime) -> bool:
        """Whether a seat that falls free now goes only to those who come at short notice."""
        return now >= self.starts_at - SHORT_NOTICE


def free_seats(capacity: int | None, confirmed: int) -> int | None:
    """How many seats nobody has; None where there is no limit. None below zero after the capacity was cut."""
    return None if capacity is None else max(0, capacity - confirmed)


def place_in_line(*, waiting: int, behind: int, stands_behind: bool) -> int:
    """The place of one who joins the line now: its end, or the end of those who do not stand behind the others."""
    return (waiting if stands_behind else waiting - behind) + 1
