"""Who works a case, what may become of it, and what a report weighs. Pure."""

from datetime import datetime, timedelta
from typing import Final, Literal, get_args

Status = Literal["open", "claimed", "confirmed", "dismissed"]
Category = Literal["speech", "etiquette", "learning", "advertising", "other"]
Action = Literal["claim", "release", "confirm", "dismiss"]
CATEGORIES: Final[tuple[Category, ...]] = get_args(Category)
"""The one that counts first where a thing was reported as several."""
UNDECIDED: Final[frozenset[str]] = frozenset({"open", "claimed"})

TOO_OLD: Final = timedelta(days=180)
"""So long after a deed nobody opens or confirms a case about it, and what reporters wrote is forgotten."""
A_REPORT: Final = 1000
"""What the report of somebody weighs of whom nothing is known."""
A_FINDING: Final = 500
"""What a scanner's finding weighs."""
_OF_CONTENT: Final[dict[str, Category]] = {
    "advertising": "advertising",
    "abuse": "speech",
    "secret": "other",
    "off_topic": "etiquette",
}


def weight_of(*, confirmed: int, dismissed: int) -> int:
    """What a report weighs by what became of the earlier ones of the same reporter. It orders the queue, and does nothing else."""
    return A_REPORT * (confirmed + 2) // (confirmed + dismissed + 2)


def category_of(told: str) -> Category:
    """The category of rules for what content calls it."""
    if told in CATEGORIES:
        return told
    return _OF_CONTENT.get(told, "other")


def first_of(one: str, other: str) -> str:
    """Of two categories the one that counts, whichever came first."""
    return min(one, other, key=CATEGORIES.index)


def too_old(deed_at: datetime, now: datetime) -> bool:
    """Whether a deed is so long ago that no case is about it any more."""
    return now >= deed_at + TOO_OLD


def may_reopen(*, new_evidence: bool, reported_before: bool) -> bool:
    """Whether a dismissed case is open again: on new evidence, by somebody who had not reported it."""
    return new_evidence and not reported_before


def working_refusal(
    action: Action,
    *,
    status: str,
    is_party: bool,
    for_reviewer: bool,
    is_reviewer: bool,
    is_claimer: bool,
    oversees: bool,
    is_too_old: bool,
) -> str | None:
    """The problem code with which somebody who may work cases would be refused; None if it is possible.

    `is_party`: they reported it, or it is about them. `oversees`: they may give back what another claimed.
    """
    if is_party or (for_reviewer and not is_reviewer):
        return "conflict_of_interest"
    if action == "claim":
        return None if status == "open" else "illegal_transition"
    if status != "claimed":
        return "illegal_transition"
    if not is_claimer and not (action == "release" and oversees):
        return "claimed_by_another"
    return "deed_too_old" if action == "confirm" and is_too_old else None
