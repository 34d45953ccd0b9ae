"""Who gets a seat, who waits, and when one may register or give a seat back. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final, Literal

from chassis.days import zone_of

RegistrationQueue = Literal["leave_to_decide", "offers_running_out", "no_shows"]
"""The queues of the desk in which registrations wait."""
HeldBy = Literal["offers_out", "night_hours", "registration_closed", "short_notice"]

TAKEN: Final[frozenset[str]] = frozenset({"confirmed", "assigned"})
"""They have a seat."""
LIVE: Final[frozenset[str]] = TAKEN | {"offered", "waitlisted"}
"""They are somewhere on the list."""

SHORT_NOTICE: Final = timedelta(hours=24)
"""So long before the start a seat goes only to those who said that they come at short notice."""
NO_SHOWS: Final = 2
"""Who did not come so often stands behind the others in a line."""
REMEMBERED: Final = timedelta(days=90)
"""For so long."""
OFFERED_FOR: Final = timedelta(hours=12)
"""For so long a seat is offered, of the hours of the day alone."""
TOLD_WITHIN: Final = timedelta(hours=4)
"""So long its time waits for the offer to reach somebody, of the hours of the day alone; then it runs anyway."""
MORNING, EVENING = time(8), time(22)


def is_daytime(now: datetime, time_zone: str) -> bool:
    """Whether people are awake where the activity is: nothing is offered at night."""
    return MORNING <= now.astimezone(zone_of(time_zone)).time() < EVENING


def next_morning(now: datetime, time_zone: str) -> datetime:
    """When the night ends."""
    local = now.astimezone(zone_of(time_zone))
    day = local.date() if local.time() < MORNING else local.date() + timedelta(days=1)
    return datetime.combine(day, MORNING, zone_of(time_zone)).astimezone(UTC)


def daytime_after(moment: datetime, left: timedelta, *, time_zone: str, last: datetime) -> datetime:
    """So much daytime later, but never after `last`."""
    while moment < last:
        local = moment.astimezone(zone_of(time_zone))
        evening = datetime.combine(local.date(), EVENING, zone_of(time_zone)).astimezone(UTC)
        if moment + left <= evening:
            return min(moment + left, last)
        left -= max(evening - moment, timedelta())
        moment = next_morning(evening, time_zone)
    return last


def offered_until(since: datetime, *, time_zone: str, last: datetime) -> datetime:
    """Until when a seat is offered whose time runs since then, by day: twelve hours of daytime later, but never after `last`."""
    return daytime_after(since, OFFERED_FOR, time_zone=time_zone, last=last)


@dataclass(frozen=True, slots=True)
class Clock:
    """The time of an offer: it runs from when the offer has reached its member, or anyway after four hours of the day.

    `runs_from` is the earlier of both as far as is known, `told_at` when it reached them. What nobody was told of costs them nothing.
    """

    runs_from: datetime
    ends_at: datetime
    told_at: datetime | None = None

    @classmethod
    def begun(cls, now: datetime, *, time_zone: str, last: datetime) -> "Clock":
        """Of an offer made now."""
        anyway = daytime_after(now, TOLD_WITHIN, time_zone=time_zone, last=last)
        return cls(anyway, offered_until(anyway, time_zone=time_zone, last=last))

    def told(self, at: datetime, *, reached: bool, time_zone: str, last: datetime) -> "Clock":
        """It reached them then, or it became known that nothing does. In any order, and twice, it comes to the same."""
        runs_from = min(self.runs_from, at)
        ends_at = min(self.ends_at, offered_until(runs_from, time_zone=time_zone, last=last))
        told_at = self.told_at if not reached else at if self.told_at is None else min(self.told_at, at)
        return Clock(runs_from, ends_at, told_at)

    @property
    def was_told_in_time(self) -> bool:
        """Whether it reached them before its time began to run anyway."""
        return self.told_at is not None and self.told_at <= self.runs_from

    def promised(self, now: datetime, *, time_zone: str, last: datetime) -> datetime:
        """Until when they have it at least, as it is known now: this moment never comes nearer."""
        if now >= self.runs_from:
            return self.ends_at
        return min(self.ends_at, offered_until(now, time_zone=time_zone, last=last))


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

    def kept(self, now: datetime, *, always: bool = False) -> bool:
        """Whether it is too late to give a seat back; `always`: until it starts."""
        until = self.starts_at if always else self.cancel_until or self.starts_at
        return now >= min(self.starts_at, until)

    @property
    def last_offer(self) -> datetime:
        """Until when a seat can be offered."""
        return min(self.starts_at, self.closes_at or self.starts_at)

    def next_offer(self, now: datetime, time_zone: str) -> datetime:
        """When a seat that is free can be offered: now, in the morning, or at short notice where registration is over until then."""
        if now < self.last_offer and is_daytime(now, time_zone):
            return now
        morning, short = next_morning(now, time_zone), self.starts_at - SHORT_NOTICE
        return min(morning, short) if morning < self.last_offer else short

    def is_short(self, now: datetime) -> bool:
        """Whether a seat that falls free now goes only to those who come at short notice."""
        return now >= self.starts_at - SHORT_NOTICE


def free_seats(capacity: int | None, confirmed: int) -> int | None:
    """How many seats nobody has; None where there is no limit. None below zero after the capacity was cut."""
    return None if capacity is None else max(0, capacity - confirmed)


def place_in_line(*, waiting: int, behind: int, stands_behind: bool) -> int:
    """The place of one who joins the line now: its end, or the end of those who do not stand behind the others."""
    return (waiting if stands_behind else waiting - behind) + 1
