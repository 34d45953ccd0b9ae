"""A calendar program that subscribes to a feed, by the rules of its kind: an entry is known by its UID, only a greater SEQUENCE replaces
it, and what is cancelled goes away. It reads with a library that the product does not use for writing.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import icalendar


def read_ical(content: bytes) -> Any:
    """A calendar as that library reads it."""
    return icalendar.Calendar.from_ical(content)


@dataclass(frozen=True)
class Shown:
    """An entry as its reader sees it."""

    title: str
    starts_at: datetime
    ends_at: datetime
    status: str
    sequence: int
    entry: Any


@dataclass
class CalendarProgram:
    """What is shown, by UID; `had` is the greatest SEQUENCE of each entry that was ever told, also of those that went away."""

    shown: dict[str, Shown] = field(default_factory=dict)
    had: dict[str, int] = field(default_factory=dict)

    def take(self, content: bytes) -> None:
        """Read what the feed says now."""
        calendar = read_ical(content)
        assert calendar.errors == []
        told = {str(one["UID"]): one for one in calendar.walk("VEVENT")}
        for uid, entry in told.items():
            assert entry.errors == []
            if int(entry["SEQUENCE"]) > self.had.get(uid, -1):
                self._replace(uid, entry)
        # A subscription shows no more than the feed has.
        self.shown = {uid: one for uid, one in self.shown.items() if uid in told}

    def titles(self) -> list[str]:
        """What is shown, by its start."""
        return [one.title for one in sorted(self.shown.values(), key=lambda one: (one.starts_at, one.title))]

    def _replace(self, uid: str, entry: Any) -> None:
        self.had[uid] = int(entry["SEQUENCE"])
        self.shown.pop(uid, None)
        if entry["STATUS"] == "CANCELLED":
            return
        self.shown[uid] = Shown(
            title=str(entry["SUMMARY"]),
            starts_at=entry["DTSTART"].dt.astimezone(UTC),
            ends_at=entry["DTEND"].dt.astimezone(UTC),
            status=str(entry["STATUS"]),
            sequence=int(entry["SEQUENCE"]),
            entry=entry,
        )
