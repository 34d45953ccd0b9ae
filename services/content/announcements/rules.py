"""When members are asked, and when they are reminded. Pure."""

from datetime import datetime, time
from typing import Final

from chassis.days import local_day

WORKDAYS_TO_CONFIRM: Final = 2
PART: Final = 500
"""How many members one message of a reminder names."""


def may_remind(reminded_at: datetime | None, now: datetime, *, time_zone: str, day_starts_at: time) -> bool:
    """Whether there was no reminder yet on this day of the community."""
    if reminded_at is None:
        return True
    before, today = (local_day(at, time_zone=time_zone, day_starts_at=day_starts_at) for at in (reminded_at, now))
    return before < today
