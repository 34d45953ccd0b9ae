"""Working time: until when something is due that is given so many working days. Pure."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from chassis.days import day_began_at, local_day

WORK_BEGINS, WORK_ENDS = time(9), time(18)
"""The working time of a workday, by the community's clock."""


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


def _workday_after(day: date, is_workday: Callable[[date], bool]) -> date:
    day += timedelta(days=1)
    while not is_workday(day):
        day += timedelta(days=1)
    return day
