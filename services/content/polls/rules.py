"""What may be chosen, who sees the results, and how a vote moves. Pure."""

from collections.abc import Collection, Sequence
from datetime import datetime


def moved(votes: Sequence[int], before: Collection[int], now: Collection[int]) -> list[int]:
    """The counts of each choice when one member's vote moves."""
    return [count + (n in now) - (n in before) for n, count in enumerate(votes)]


def is_closed(closes_at: datetime | None, *, status: str, now: datetime) -> bool:
    """Whether no vote is taken any more: its time is over, or the discussion is closed or locked."""
    return status != "open" or (closes_at is not None and closes_at <= now)


def shows_results(results: str, *, voted: bool, closed: bool) -> bool:
    """Whether somebody sees the counts by now."""
    return closed or results == "always" or (results == "voted" and voted)
