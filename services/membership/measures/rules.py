"""What is measured, and in which windows. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from chassis.days import MIDNIGHT, day_began_at, local_day, month_of, months_later

METRICS: Final[Mapping[str, frozenset[str]]] = {
    "checkins": frozenset({"checkin"}),
    "posts": frozenset({"discussion", "answer", "comment"}),
    "discussions": frozenset({"discussion"}),
    "replies": frozenset({"answer", "comment"}),
    "answers": frozenset({"answer"}),
    "activities": frozenset({"attendance"}),
}
"""Which deeds a metric counts, by their kind."""
REMINDED_BEFORE: Final[Mapping[str, timedelta]] = {
    "day": timedelta(hours=4),
    "week": timedelta(days=1),
    "month": timedelta(days=3),
}
"""How long before the end of a window members are reminded."""
KEPT: Final = timedelta(days=70)
"""How long a deed is known: longer than this month and the one before."""


@dataclass(frozen=True, slots=True)
class Place:
    """By which clock a community counts its days."""

    time_zone: str
    day_starts_at: time = MIDNIGHT

    def day_of(self, moment: datetime) -> date:
        """The community's day to which a moment belongs."""
        return local_day(moment, time_zone=self.time_zone, day_starts_at=self.day_starts_at)

    def began(self, day: date) -> datetime:
        """The moment at which a day of the community begins."""
        return day_began_at(day, time_zone=self.time_zone, day_starts_at=self.day_starts_at)


@dataclass(frozen=True, slots=True)
class Window:
    """Days that are counted together, both inclusive: a day, a week from Monday, a month."""

    kind: str
    first: date
    last: date

    def before(self) -> "Window":
        """The one that ends where this begins."""
        return window_of(self.kind, self.first - timedelta(days=1))

    def after(self) -> "Window":
        """The one that begins where this ends."""
        return window_of(self.kind, self.last + timedelta(days=1))

    def span(self, place: Place) -> tuple[datetime, datetime]:
        """From when to when it lasts, exclusive."""
        return place.began(self.first), place.began(self.last + timedelta(days=1))


def window_of(kind: str, day: date) -> Window:
    """The window of a kind to which a day belongs."""
    if kind == "day":
        return Window(kind, day, day)
    if kind == "week":
        monday = day - timedelta(days=day.weekday())
        return Window(kind, monday, monday + timedelta(days=6))
    first = month_of(day)
    return Window(kind, first, months_later(first, 1) - timedelta(days=1))


def is_kept(op: str, value: int, figure: int) -> bool:
    """Whether somebody with this figure does what the rule wants."""
    return figure >= value if op == "gte" else figure <= value


def next_reminder(kind: str, place: Place, after: datetime) -> datetime:
    """When members are reminded next: so long before the end of a window, and later than that moment."""
    window = window_of(kind, place.day_of(after))
    while (at := window.span(place)[1] - REMINDED_BEFORE[kind]) <= after:
        window = window.after()
    return at


@dataclass(frozen=True, slots=True)
class Heard:
    """What one message says of a deed: who did what on which day, or only whether it counts."""

    id: UUID
    community_id: UUID
    version: int
    day: date
    live: bool
    kind: str | None = None
    member_id: UUID | None = None


def folded(messages: Iterable[Heard]) -> dict[UUID, dict[str, Any]]:
    """One row for each deed, in whatever order its messages came: who did it is said by one, whether it counts by the newest."""
    rows: dict[UUID, dict[str, Any]] = {}
    for one in messages:
        row = rows.get(one.id)
        if row is None:
            rows[one.id] = {
                "id": one.id,
                "community_id": one.community_id,
                "kind": one.kind,
                "member_id": one.member_id,
                "day": one.day,
                "version": one.version,
                "live": one.live,
            }
            continue
        if one.kind is not None:
            row |= {"kind": one.kind, "member_id": one.member_id, "day": one.day}
        if one.version > row["version"]:
            row |= {"version": one.version, "live": one.live}
    return rows
