"""Which days a plan asks for, and how many of them complete it. Pure."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from typing import Final, Literal

Days = Literal["all", "workdays", "weekdays"]
Weekday = Literal["mo", "tu", "we", "th", "fr", "sa", "su"]
Requires = Literal["none", "note", "file", "link"]
NoteVisibility = Literal["plan", "operators"]
Status = Literal["upcoming", "running", "ended", "cancelled"]

WEEKDAYS: Final[tuple[Weekday, ...]] = ("mo", "tu", "we", "th", "fr", "sa", "su")
LONGEST: Final = 366
"""Days from the first to the last of a plan."""
MOST_PARTICIPANTS: Final = 3000
"""Of one plan: its table is read as a whole."""

MOST_CELLS: Final = 100_000
"""Days of all participants in one file: a month of the largest plan."""

MOST_COMMENTS: Final = 200
"""To one day of one participant."""

IsWorkday = Callable[[date], bool]


def days_asked_for(
    starts_on: date, ends_on: date, days: str, weekdays: Sequence[str], *, is_workday: IsWorkday
) -> list[date]:
    """The days of a plan, in order: every one, workdays by the work calendar, or some days of the week."""
    span = (starts_on + timedelta(days=n) for n in range((ends_on - starts_on).days + 1))
    if days == "workdays":
        return [day for day in span if is_workday(day)]
    if days == "weekdays":
        wanted = {place for place, name in enumerate(WEEKDAYS) if name in weekdays}
        return [day for day in span if day.weekday() in wanted]
    return list(span)


def days_needed(asked_for: int, complete_at: int) -> int:
    """How many of a plan's days complete it, at a share of `complete_at` in a hundred: at least one."""
    return max(1, -(-asked_for * complete_at // 100))


def status_on(today: date, *, starts_on: date, ends_on: date, cancelled: bool) -> Status:
    """What a plan is on a day of its community."""
    if cancelled:
        return "cancelled"
    if today < starts_on:
        return "upcoming"
    return "running" if today <= ends_on else "ended"


def weekdays_sorted(weekdays: Iterable[str]) -> list[str]:
    """Days of the week from Monday on."""
    chosen = set(weekdays)
    return [name for name in WEEKDAYS if name in chosen]


def is_asked_for(
    day: date, starts_on: date, ends_on: date, days: str, weekdays: Sequence[str], *, is_workday: IsWorkday
) -> bool:
    """Whether a day is one of a plan's."""
    within = starts_on <= day <= ends_on
    return within and bool(days_asked_for(day, day, days, weekdays, is_workday=is_workday))
