"""When somebody is reminded of what they are to do. Pure."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Final, NamedTuple

from chassis.days import day_began_at, moment_at

REMINDED_AT: Final = time(9)


class Reminder(NamedTuple):
    """A reminder, and how long before its day it comes."""

    at: datetime
    lead: str


def due_at(due_on: date, time_zone: str) -> datetime:
    """When the day ends until which something is to be done."""
    return day_began_at(due_on + timedelta(days=1), time_zone=time_zone)


def reminders(due_on: date, time_zone: str) -> Sequence[Reminder]:
    """The reminders of what is to be done until a day, in their order: the day before, and on the day, in the morning."""
    days = ((due_on - timedelta(days=1), "day"), (due_on, "today"))
    return [Reminder(moment_at(day, REMINDED_AT, time_zone=time_zone), lead) for day, lead in days]


def next_reminder(due_on: date, time_zone: str, after: datetime) -> Reminder | None:
    """The first that comes after a moment."""
    return next((one for one in reminders(due_on, time_zone) if one.at > after), None)


def reminder_of(due_on: date, time_zone: str, now: datetime) -> Reminder | None:
    """The last that should have come by now: who was not reminded for a night is reminded once."""
    return next((one for one in reversed(reminders(due_on, time_zone)) if one.at <= now), None)
