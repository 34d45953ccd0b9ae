"""How a season stands, and who wins what of its prizes: pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

LONGEST: Final = 366
"""Days of a season."""
MOST_PRIZES: Final = 20
LAST_RANK: Final = 1000
"""As far as ranks are exact."""
MOST_POINTS: Final = 100_000
TOLD: Final = 100
"""How many places the message of its end has."""
AFTER_FREEZING: Final = timedelta(minutes=1)
"""What was being written when the board froze is written by then."""

Status = Literal["planned", "running", "closing", "closed", "cancelled"]
"""`closing`: over, while its board still takes late entries."""


@dataclass(frozen=True, slots=True)
class Prize:
    """What each member between two ranks wins, both included."""

    from_rank: int
    to_rank: int
    points: int


def status_of(kept: str, starts_on: date, ends_on: date, *, today: date) -> Status:
    """How a season stands on a day of its community."""
    if kept == "closed":
        return "closed"
    if kept == "cancelled":
        return "cancelled"
    if today < starts_on:
        return "planned"
    return "running" if today <= ends_on else "closing"


def prizes_of(kept: Iterable[Mapping[str, int]]) -> list[Prize]:
    """Prizes as they are kept."""
    return [Prize(one["from_rank"], one["to_rank"], one["points"]) for one in kept]


def wrong_prize(prizes: Sequence[Prize]) -> int | None:
    """The first prize that begins before it ends, or not behind the one before."""
    last = 0
    for n, prize in enumerate(prizes):
        if not last < prize.from_rank <= prize.to_rank:
            return n
        last = prize.to_rank
    return None


def points_at(prizes: Sequence[Prize], rank: int) -> int:
    """What the member of this rank wins."""
    return next((prize.points for prize in prizes if prize.from_rank <= rank <= prize.to_rank), 0)


def last_rank(prizes: Sequence[Prize]) -> int:
    """The last rank that wins anything."""
    return max((prize.to_rank for prize in prizes), default=0)


def overlap(starts_on: date, ends_on: date, others: Iterable[tuple[date, date]]) -> bool:
    """Whether any of the others has one of these days."""
    return any(starts_on <= last and first <= ends_on for first, last in others)
