"""The star of a month: when members are named and voted for, and who came first. Pure."""

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import Final, Literal
from uuid import UUID

from chassis.days import months_later

VOTING_DAYS: Final = 7
"""Members vote on the first days of the next month."""
REMINDED_DAYS: Final = 7
"""On so many last days of a month who has named nobody is asked to."""
FEWEST_BALLOTS: Final = 5
"""Fewer ballots would say who voted for whom: then the month has no star."""

Phase = Literal["naming", "voting", "counted", "confirmed", "none"]
"""`counted`: the owner is asked to confirm. `none`: too few voted, or the owner said so."""


def votes_from(month: date) -> date:
    """The first day of the next month."""
    return months_later(month, 1)


def votes_until(month: date) -> date:
    """The last day on which members vote."""
    return votes_from(month) + timedelta(days=VOTING_DAYS - 1)


def quarter_of(month: date) -> date:
    """The first day of its quarter."""
    return date(month.year, month.month - (month.month - 1) % 3, 1)


def phase_of(
    *, today: date, votes_from: date, votes_until: date, settled: bool, ballots: int, decided: bool, won: bool
) -> Phase:
    """How the star of a month stands on a day of its community. `settled`: its votes were counted, whatever the day is now."""
    if decided:
        return "confirmed" if won else "none"
    if not settled and today <= votes_until:
        return "naming" if today < votes_from else "voting"
    return "counted" if ballots >= FEWEST_BALLOTS else "none"


def is_asked_to_name(today: date, votes_from: date) -> bool:
    """Whether members are reminded that they may name somebody: on the last days of the month."""
    return votes_from - timedelta(days=REMINDED_DAYS) <= today < votes_from


def first_of(votes: Mapping[UUID, int], *, eligible: Collection[UUID]) -> list[UUID]:
    """Who has most votes of those who may still be it: several where they have as many."""
    counted = {member_id: count for member_id, count in votes.items() if member_id in eligible and count}
    most = max(counted.values(), default=0)
    return sorted(member_id for member_id, count in counted.items() if count == most)
