"""What a rule may want of each member in each window. Pure."""

from collections.abc import Mapping
from typing import Final, Literal

Metric = Literal["checkins", "posts", "discussions", "replies", "answers", "activities"]
Op = Literal["gte", "lte"]
WindowKind = Literal["day", "week", "month"]

MOST_VALUE: Final = 1000
MOST_MEASURES: Final = 10
"""Of one rule set."""
_CERTAIN_DAYS: Final[Mapping[str, int]] = {"day": 1, "week": 7, "month": 28}
_MOST_DAYS: Final[Mapping[str, int]] = {"day": 1, "week": 7, "month": 31}
"""How many days every window of a kind has, and the longest."""


def impossible(metric: str, op: str, value: int, window: str) -> str | None:
    """Why a measure cannot be meant: `always_kept`, or `never_kept`; None where it can."""
    if op == "gte" and value == 0:
        return "always_kept"
    if metric != "checkins":
        return None
    # Members check in once a day.
    if op == "gte" and value > _CERTAIN_DAYS[window]:
        return "never_kept"
    return "always_kept" if op == "lte" and value >= _MOST_DAYS[window] else None
