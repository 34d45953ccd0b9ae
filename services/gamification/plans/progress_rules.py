"""How far somebody is with a plan: a fold over the days that they handed in. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, Literal

from chassis.days import day_began_at, local_day

MOST_MADE_UP: Final = 3
"""Days of one plan that are made up."""

STAYS_OPEN: Final = timedelta(days=2)
"""From the beginning of the day on which something is returned: to the evening after."""

EntryStatus = Literal["done", "good", "returned"]
Verdict = Literal["good", "returned"]
Reaction = Literal["like"]
DayState = Literal["done", "good", "returned", "removed", "missed", "open", "future"]


@dataclass(frozen=True, slots=True)
class HandedIn:
    """A day that somebody handed in. One that was returned, or whose note moderation removed, does not count."""

    day: date
    status: str
    made_up: bool = False
    removed: bool = False

    @property
    def counts(self) -> bool:
        """Whether it does."""
        return self.status in {"done", "good"} and not self.removed


@dataclass(frozen=True, slots=True)
class Progress:
    """`completed_on` is the day that completed it, if one did."""

    done: int
    made_up: int
    completed_on: date | None


def progress_of(days: Iterable[HandedIn], *, needed: int) -> Progress:
    """How far the days bring somebody, in whatever order they are given."""
    handed_in = sorted(days, key=lambda one: one.day)
    counting = [one for one in handed_in if one.counts]
    return Progress(
        done=len(counting),
        made_up=sum(one.made_up for one in handed_in),
        completed_on=counting[needed - 1].day if len(counting) >= needed else None,
    )


def day_states(asked_for: Sequence[date], handed_in: Mapping[date, HandedIn], *, today: date) -> dict[date, DayState]:
    """What each day of a plan is for somebody whose present day is `today`."""

    def state_of(day: date) -> DayState:
        there = handed_in.get(day)
        if there is not None:
            if there.removed:
                return "removed"
            return "returned" if there.status == "returned" else "good" if there.status == "good" else "done"
        return "future" if day > today else "open" if day == today else "missed"

    return {day: state_of(day) for day in asked_for}


def open_until(returned_at: datetime, *, time_zone: str, day_starts_at: time) -> datetime:
    """Until when a day that was returned may be handed in again: the end of the next day, by the clock of who handed it in."""
    today = local_day(returned_at, time_zone=time_zone, day_starts_at=day_starts_at)
    return day_began_at(today + STAYS_OPEN, time_zone=time_zone, day_starts_at=day_starts_at)
