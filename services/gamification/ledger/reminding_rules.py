"""When members are told that points run out: 30 and 7 days before, in the morning. Pure."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Final

from chassis.days import moment_at

LEADS: Final = {30: "30_days", 7: "7_days"}
"""How many days before, the longer first, and what that is called."""
REMINDED_AT: Final = time(9)
REMINDED_FOR: Final = timedelta(hours=11)
"""How long after that somebody may still be told: who comes later leaves it for the next morning."""
_ONE_DAY: Final = timedelta(days=1)


def morning_of(now: datetime, today: date, *, time_zone: str, day_starts_at: time) -> date | None:
    """The day whose morning it is; None in the evening and at night. `today` is the day that began last."""
    for day in (today, today - _ONE_DAY):
        # A time before the day begins is of its night.
        of = day if day_starts_at <= REMINDED_AT else day + _ONE_DAY
        at = moment_at(of, REMINDED_AT, time_zone=time_zone)
        if at <= now:
            return day if now < at + REMINDED_FOR else None
    return None


def days_told(today: date, last: date) -> Iterator[tuple[date, str]]:
    """The first days without points of which members are told on a day, each with the lead; `last` was the last day on which they were.

    What was missed meanwhile is made up for, once: by the shorter lead where that has come too.
    """
    nearest = {30: 7, 7: 0}
    for lead, name in LEADS.items():
        first = max(last + timedelta(days=lead), today + timedelta(days=nearest[lead])) + _ONE_DAY
        for after in range((today + timedelta(days=lead) - first).days + 1):
            yield first + timedelta(days=after), name
