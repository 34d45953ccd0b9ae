"""Days, streaks, freezes and their bonuses: pure, without clock or database.

A member's streak is a fold over the days on which they checked in, in order. `StreakState` is the fold's whole memory, so
that the newest day is one `step`; a day that arrives late folds the member's days again.
"""

from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise

from chassis.days import day_began_at, is_skipped, local_day, zone_of

BONUS_EVERY = 7
"""Each full week of a streak pays a bonus, at the day that fills it."""
FREEZE_EVERY = 30
"""Each 30th check-in of a member's life in the community earns a freeze."""
MOST_FREEZES = 2
MILESTONES = (7, 30, 100)
"""Lengths of a streak that are announced."""
SHORTEST_DAY = timedelta(hours=20)
"""Between the beginnings of two days of one member, however they change their zone."""
MAKE_UP_WITHIN = timedelta(days=3)

IsWorkday = Callable[[date], bool]
Spans = tuple[tuple[datetime, datetime], ...]
FirstUnknown = Callable[[date, date], date | None]
"""Between two days, the first of which nobody knows yet whether it is one of work."""


class StreakDays(StrEnum):
    """Which days a streak asks for."""

    EVERY_DAY = "every_day"
    WORKDAYS = "workdays"


@dataclass(frozen=True, slots=True)
class CheckinDay:
    """One day on which a member checked in, as it was decided when it was accepted.

    `began_at` is the moment at which the day began in `time_zone`. `streak_days` is what the community asked for then, so
    that a later change of it judges no day of the past again.
    """

    day: date
    time_zone: str
    began_at: datetime
    streak_days: StreakDays = StreakDays.EVERY_DAY


@dataclass(frozen=True, slots=True)
class StreakState:
    """All that the fold remembers. `checkins` counts days over the member's life in the community.

    `provisional_from` is the first day that was decided by the plain week, as the work calendar of it was not known then. `spared` is
    when the member was sanctioned by what was undone since: days in it are not missed, and cost no freeze.
    """

    last: CheckinDay | None = None
    current: int = 0
    longest: int = 0
    checkins: int = 0
    freezes: int = 0
    freezes_used: int = 0
    provisional_from: date | None = None
    spared: Spans = ()


@dataclass(frozen=True, slots=True)
class Step:
    """What one day made of the streak: its length including that day, and the freezes it used and earned."""

    day: date
    length: int
    froze: bool = False
    earned_freeze: bool = False

    @property
    def pays_bonus(self) -> bool:
        """Whether the day fills a week of the streak."""
        return self.length % BONUS_EVERY == 0

    @property
    def milestone(self) -> int | None:
        """The milestone reached on that day."""
        return self.length if self.length in MILESTONES else None


# --- days ----------------------------------------------------------------------------------------------------------


def checkin_day(
    at: datetime,
    *,
    last: CheckinDay | None,
    time_zone: str,
    day_starts_at: time = time(0),
    streak_days: StreakDays = StreakDays.EVERY_DAY,
) -> CheckinDay:
    """The day for which a check-in at `at` counts, or `last` itself while that day is not over.

    After a change of zone the last day goes on until a day of the new zone begins that is both a later date and 20 h after
    the last one began: nobody wins a second check-in by travelling, in either direction.
    """
    day = local_day(at, time_zone=time_zone, day_starts_at=day_starts_at)
    began_at = day_began_at(day, time_zone=time_zone, day_starts_at=day_starts_at)
    if last is not None and (day <= last.day or began_at < last.began_at + SHORTEST_DAY):
        return last
    return CheckinDay(day=day, time_zone=time_zone, began_at=began_at, streak_days=streak_days)


def _existed(day: date, *, after: CheckinDay, seen_from: CheckinDay) -> bool:
    """Whether the member could have checked in on `day`, between the two days given.

    A zone can skip a date. Going east can swallow one: it began less than 20 h after the day before, so it was never open.
    """
    starts_at = seen_from.began_at.astimezone(zone_of(seen_from.time_zone)).time()
    if is_skipped(day, time_zone=seen_from.time_zone, day_starts_at=starts_at):
        return False
    if day > after.day + timedelta(days=1):
        return True
    began_at = day_began_at(day, time_zone=seen_from.time_zone, day_starts_at=starts_at)
    return began_at - after.began_at >= SHORTEST_DAY


# --- the streak ----------------------------------------------------------------------------------------------------


def missed_days(
    last: CheckinDay, following: CheckinDay, *, is_workday: IsWorkday, spared: Spans = (), stop_at: int = 2
) -> int:
    """How many days that count were missed between two check-ins; counting stops at `stop_at`."""
    missed = 0
    day = last.day + timedelta(days=1)
    while day < following.day and missed < stop_at:
        counts = following.streak_days is StreakDays.EVERY_DAY or is_workday(day)
        if counts and _existed(day, after=last, seen_from=following) and not is_spared(day, spared, following):
            missed += 1
        day += timedelta(days=1)
    return missed


def is_spared(day: date, spared: Spans, seen_from: CheckinDay) -> bool:
    """Whether any of the day lies in one of the spans; days begin as the one does from which it is seen."""
    if not spared:
        return False
    zone, starts_at = seen_from.time_zone, seen_from.began_at.astimezone(zone_of(seen_from.time_zone)).time()
    began = day_began_at(day, time_zone=zone, day_starts_at=starts_at)
    ended = day_began_at(day + timedelta(days=1), time_zone=zone, day_starts_at=starts_at)
    return any(first < ended and began < last for first, last in spared)


def step(state: StreakState, day: CheckinDay, *, is_workday: IsWorkday) -> tuple[StreakState, Step]:
    """Add the member's next day. A freeze bridges before the day itself can earn one. The day must be after the last."""
    froze = False
    if state.last is None:
        length = 1
    else:
        if day.day <= state.last.day:
            raise ValueError("days are folded in order")
        missed = missed_days(state.last, day, is_workday=is_workday, spared=state.spared)
        froze = missed == 1 and state.freezes > 0
        length = state.current + 1 if missed == 0 or froze else 1
    checkins = state.checkins + 1
    freezes = state.freezes - froze
    earned = checkins % FREEZE_EVERY == 0 and freezes < MOST_FREEZES
    after = StreakState(
        last=day,
        current=length,
        longest=max(state.longest, length),
        checkins=checkins,
        freezes=freezes + earned,
        freezes_used=state.freezes_used + froze,
        provisional_from=state.provisional_from,
        spared=state.spared,
    )
    return after, Step(day=day.day, length=length, froze=froze, earned_freeze=earned)


def fold(
    days: Iterable[CheckinDay], *, is_workday: IsWorkday, start: StreakState | None = None
) -> tuple[StreakState, list[Step]]:
    """The streak after all the days, in whatever order they are given, and what each of them did."""
    state = start or StreakState()
    steps: list[Step] = []
    for day in sorted(days, key=lambda each: each.day):
        state, one = step(state, day, is_workday=is_workday)
        steps.append(one)
    return state, steps


def provisional_from(days: Iterable[CheckinDay], *, first_unknown: FirstUnknown) -> date | None:
    """The first day between check-ins, in order, that counts where workdays do, and of which nobody knows yet whether it is one."""
    for before, after in pairwise(days):
        if after.streak_days is StreakDays.WORKDAYS:
            found = first_unknown(before.day, after.day)
            if found is not None:
                return found
    return None


def new_milestones(before: Iterable[Step], after: Iterable[Step]) -> list[tuple[date, int]]:
    """The days that reach a milestone now and did not before, each with the milestone."""
    reached = {(each.day, each.milestone) for each in before}
    return [
        (each.day, each.milestone) for each in after if each.milestone and (each.day, each.milestone) not in reached
    ]


def assign_weeks(kept: Iterable[date], due: Iterable[date], days: Sequence[date]) -> dict[date, date]:
    """Which bonuses kept from before stand for which of those due now: the day that first filled each, and the day due.

    `days` are the member's check-ins in order. Late days move a bonus by less than a week of check-ins: it is still the same
    bonus, whatever became of it. Each takes its own day, else the nearest that is free; those left over are due no more.
    """
    wanted, known = set(due), set(kept)
    assigned = {day: day for day in known & wanted}
    place = {day: n for n, day in enumerate(days)}
    free = sorted(wanted - known)
    near: list[tuple[int, date, date]] = []
    for day in known - wanted:
        behind = bisect_left(free, day)
        near.extend(
            (abs(place[day] - place[other]), other, day)
            for other in free[max(0, behind - 1) : behind + 1]
            if abs(place[day] - place[other]) < BONUS_EVERY
        )
    for _, other, day in sorted(near):
        if day not in assigned and other in free:
            assigned[day] = other
            free.remove(other)
    return assigned


def live_length(state: StreakState, today: CheckinDay, *, is_workday: IsWorkday) -> int:
    """The length that a check-in today would extend; 0 when the streak is broken already.

    `today` is the member's present day (`checkin_day`); it is no miss as long as it lasts.
    """
    if state.last is None:
        return 0
    if today.day <= state.last.day:
        return state.current
    missed = missed_days(state.last, today, is_workday=is_workday, spared=state.spared)
    return state.current if missed == 0 or (missed == 1 and state.freezes > 0) else 0


def next_milestone(length: int) -> int | None:
    """The next length that is announced; none after the last."""
    return next((each for each in MILESTONES if each > length), None)


def can_make_up(day: date, *, today: date, joined_on: date) -> bool:
    """Whether a missed day may still be made up: not before joining, and within three days."""
    return joined_on <= day < today and today - day <= MAKE_UP_WITHIN


class DayState(StrEnum):
    """What a day of a member's calendar is.

    `frozen`: missed, but covered by a freeze. `off`: a day off if only workdays count, or a date that the time zone skipped.
    `open`: today, not checked in yet.
    """

    CHECKED_IN = "checked_in"
    FROZEN = "frozen"
    MISSED = "missed"
    OFF = "off"
    OPEN = "open"
    FUTURE = "future"
    BEFORE_JOINING = "before_joining"


def calendar(
    days: Iterable[date],
    *,
    steps: Iterable[Step],
    today: date,
    joined_on: date,
    streak_days: StreakDays,
    is_workday: IsWorkday,
    skipped: Collection[date] = (),
) -> dict[date, DayState]:
    """The state of each day; `steps` must hold the days' check-ins and the next one after them.

    `skipped` are the days that the member's zone never had.
    """
    taken = sorted(steps, key=lambda each: each.day)
    checked_in = {each.day for each in taken}

    def state_of(day: date) -> DayState:
        if day in checked_in:
            return DayState.CHECKED_IN
        if day >= today:
            return DayState.OPEN if day == today else DayState.FUTURE
        if day < joined_on:
            return DayState.BEFORE_JOINING
        if day in skipped or (streak_days is StreakDays.WORKDAYS and not is_workday(day)):
            return DayState.OFF
        following = next((each for each in taken if each.day > day), None)
        return DayState.FROZEN if following is not None and following.froze else DayState.MISSED

    return {day: state_of(day) for day in days}
