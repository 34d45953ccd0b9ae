"""Who may appeal, until when, who decides, and what a decision may lessen. Pure."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, get_args

from contracts.kinds import PieceKind

Outcome = Literal["granted", "reduced", "denied"]
OUTCOMES: Final[tuple[Outcome, ...]] = get_args(Outcome)
Status = Literal["open", "granted", "reduced", "denied"]
TAKING_BACK: Final[tuple[Status, ...]] = ("granted", "reduced")
"""What services follow: of an open appeal there is nothing to take back, and of one that is denied neither."""
Kind = Literal["penalty", "short_mute", PieceKind]

TO_APPEAL: Final = timedelta(days=14)
"""So long after they were told of it somebody may appeal."""
DECIDE_WITHIN: Final = 5
"""After so many working days the sanction of what is appealed against pauses."""
_WEAKEST_FIRST: Final = (None, "mute", "suspend", "expel")


def lodging_refusal(*, told_at: datetime, undone: bool, now: datetime) -> str | None:
    """The problem code with which an appeal would be refused; None if it is taken."""
    if undone:
        return "nothing_to_appeal"
    return "too_late_to_appeal" if now >= told_at + TO_APPEAL else None


def deciding_refusal(
    *, actor: str, took_part: Collection[str], is_appellant: bool, for_reviewer: bool, is_reviewer: bool
) -> str | None:
    """The problem code with which somebody who may decide appeals would be refused this one.

    Nobody decides about what they imposed or took part in, nor about themselves; what is for a reviewer the reviewer decides alone.
    """
    if is_appellant or actor in took_part or (for_reviewer and not is_reviewer):
        return "conflict_of_interest"
    return None


@dataclass(frozen=True, slots=True)
class Stands:
    """What stands of a penalty: its fine, and its sanction from `since` to `until`, exclusive; an expulsion has no end."""

    fine: int
    sanction: str | None
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with a decision that is to lessen something: the field, and why."""

    field: str
    code: str


def wrong_with(before: Stands, after: Stands) -> Iterator[Wrong]:
    """Why this would be no reduction: each field that is worse than before, or nothing that is less."""
    if after.fine > before.fine:
        yield Wrong("fine", "not_less")
    weaker = _WEAKEST_FIRST.index(after.sanction) - _WEAKEST_FIRST.index(before.sanction)
    if weaker > 0:
        yield Wrong("sanction", "not_less")
        return
    if after.sanction in (None, "expel"):
        if after.until is not None:
            yield Wrong("until", "not_for_this")
    elif after.until is None:
        yield Wrong("until", "missing")
    elif after.until < after.since or (before.until is not None and after.until > before.until):
        yield Wrong("until", "not_less")
    if (after.fine, after.sanction, after.until) == (before.fine, before.sanction, before.until):
        yield Wrong("", "nothing_less")
