"""Working time: until when something is due that is given so many working days, and how much of it lies between two moments. Pure."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from chassis.days import day_began_at, local_day

WORK_BEGINS, WORK_ENDS = time(9), time(18)
"""The working time of a workday, by the community's clock."""
_A_YEAR = 366


def due_after(at: datetime, days: int, *, time_zone: str, is_workday: Callable[[date], bool]) -> datetime:
    """Some working days later, counted in working time: at the same time of a later workday.

    What comes before or after work, or on a day off, counts from when work begins next, and is due when work ends.
    """
    day = local_day(at, time_zone=time_zone)
    begins = day_began_at(day, time_zone=time_zone, day_starts_at=WORK_BEGINS)
    works = is_workday(day)
    if works and at <= begins:
        days -= 1
    at_work = works and begins < at < day_began_at(day, time_zone=time_zone, day_starts_at=WORK_ENDS)
    for _ in range(days):
        day = _workday_after(day, is_workday)
    if at_work:
        return day_began_at(day, time_zone=time_zone, day_starts_at=WORK_BEGINS) + (at - begins)
    return day_began_at(day, time_zone=time_zone, day_starts_at=WORK_ENDS)


class WorkedTime:
    """How many seconds of working time lie between moments, by one clock. Each day is looked at once, however many moments are asked about."""

    def __init__(self, *, time_zone: str, is_workday: Callable[[date], bool]) -> None:
        self._zone = time_zone
        self._is_workday = is_workday
        self._first: int | None = None
        self._until: list[float] = []
        """Of each day from the first on, how much was worked before it."""
        self._days: dict[date, tuple[datetime, datetime] | None] = {}
        """When work begins and ends on each day that was looked at; None where nobody works."""

    def between(self, begins: datetime, ends: datetime) -> float:
        """The seconds worked from a moment to a later one; none where the other is earlier."""
        if ends <= begins:
            return 0.0
        first, last = local_day(begins, time_zone=self._zone), local_day(ends, time_zone=self._zone)
        # The earlier one first: it may be the one from which all are counted anew.
        before = self._before(first)
        return self._before(last) - before + self._on(last, ends) - self._on(first, begins)

    def _on(self, day: date, until: datetime) -> float:
        """How much of a day is worked before a moment of it."""
        hours = self._hours(day)
        return max(0.0, (min(until, hours[1]) - hours[0]).total_seconds()) if hours else 0.0

    def _before(self, day: date) -> float:
        number = day.toordinal()
        if self._first is None or number < self._first:
            # Moments come mostly in their order: with a year before them, so that days are seldom counted again.
            self._first, self._until = max(1, number - _A_YEAR), [0.0]
        while self._first + len(self._until) <= number:
            hours = self._hours(date.fromordinal(self._first + len(self._until) - 1))
            self._until.append(self._until[-1] + ((hours[1] - hours[0]).total_seconds() if hours else 0.0))
        return self._until[number - self._first]

    def _hours(self, day: date) -> tuple[datetime, datetime] | None:
        if day not in self._days:
            begins, ends = (
                day_began_at(day, time_zone=self._zone, day_starts_at=at) for at in (WORK_BEGINS, WORK_ENDS)
            )
            self._days[day] = (begins, ends) if self._is_workday(day) else None
        return self._days[day]


def _workday_after(day: date, is_workday: Callable[[date], bool]) -> date:
    day += timedelta(days=1)
    while not is_workday(day):
        day += timedelta(days=1)
    return day
