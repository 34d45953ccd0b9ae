"""What was so at a moment: a community's day, what a member was. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Literal

from chassis.days import local_day

StatusThen = Literal["member", "suspended", "stranger"]
"""What somebody was at a moment; what they may do now is their standing (`chassis.security.authority`)."""


@dataclass(frozen=True, slots=True)
class StatusChange:
    """A member's status from a moment on; `until` is when a suspension ends."""

    at: datetime
    status: str
    until: datetime | None = None


def status_then(changes: Sequence[StatusChange], at: datetime) -> StatusThen:
    """What the member was then; `changes` in the order in which they were made (by version)."""
    for change in reversed(changes):
        if change.at <= at:
            if change.status == "suspended" and (change.until is None or at < change.until):
                return "suspended"
            return "stranger" if change.status in ("left", "expelled") else "member"
    return "stranger"


@dataclass(frozen=True, slots=True)
class Calendar:
    """A community's zone and where its day starts, from a moment on."""

    at: datetime
    time_zone: str
    day_starts_at: time = time(0)

    def day_of(self, moment: datetime) -> date:
        """The community's day that the moment falls on."""
        return local_day(moment, time_zone=self.time_zone, day_starts_at=self.day_starts_at)


@dataclass(frozen=True, slots=True)
class Calendars:
    """All calendars a community has had, in the order in which they were set."""

    versions: tuple[Calendar, ...]

    def at(self, moment: datetime) -> Calendar:
        """The calendar in force then; before the first one, the first. UTC for a community not yet heard of."""
        for calendar in reversed(self.versions):
            if calendar.at <= moment:
                return calendar
        return self.versions[0] if self.versions else _UNKNOWN

    def day_of(self, moment: datetime) -> date:
        """The community's day that the moment falls on."""
        return self.at(moment).day_of(moment)


_UNKNOWN = Calendar(datetime.min.replace(tzinfo=UTC), "UTC")

NO_CALENDARS = Calendars(())
