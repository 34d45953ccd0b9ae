"""Scorecards: who writes and reads them when, what they come to together, and how many a decision needs. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from services.membership.applications.rules import Unfinished

Status = Literal["draft", "handed_in", "cancelled"]

NEEDED: Final = 2
"""Of so many people at least a decision out of this step knows what they think."""
LOWEST, HIGHEST = 1, 5
OPEN_STATES: Final = frozenset({"interviewing", "approving"})
"""Of an application: before, nobody has met the applicant; after, its decision stands on what was written."""


@dataclass(frozen=True)
class Reader:
    """What somebody is to an application. `own_in`: they have handed a scorecard in, whatever became of it."""

    runs: bool = False
    interviews: bool = False
    conflicted: bool = False
    is_applicant: bool = False
    own_in: bool = False


def reads_others(reader: Reader) -> bool:
    """Whether somebody reads what others wrote: nobody who is to write still, nor who must not judge."""
    if reader.is_applicant or reader.conflicted:
        return False
    return reader.own_in if reader.interviews else reader.runs


def writing_refusal(
    *,
    application_state: str,
    interviews: bool,
    conflicted: bool,
    is_applicant: bool,
    began_at: datetime | None,
    now: datetime,
) -> str | None:
    """The problem code with which writing would be refused now; None if it is possible. `began_at` is when they met the applicant first."""
    if is_applicant or conflicted:
        return "conflict_of_interest"
    if not interviews:
        return "forbidden"
    if application_state not in OPEN_STATES:
        return "scorecards_locked"
    return "interview_not_held" if began_at is None or now < began_at else None


def mean_of(scores: Mapping[str, int], weights: Mapping[str, float]) -> float | None:
    """What one scorecard comes to: by the weights of the criteria, or each alike where none has any. None without scores."""
    counted = {code: score for code, score in scores.items() if code in weights}
    if not counted:
        return None
    total = sum(weights[code] for code in counted)
    if total <= 0:
        return sum(counted.values()) / len(counted)
    return sum(score * weights[code] for code, score in counted.items()) / total


def mean_of_all(cards: Iterable[Mapping[str, int]], weights: Mapping[str, float]) -> float | None:
    """What several come to: each counts once, however many criteria it scores. None without any."""
    means = [mean for card in cards if (mean := mean_of(card, weights)) is not None]
    return sum(means) / len(means) if means else None


def means_by_criterion(cards: Sequence[Mapping[str, int]], codes: Iterable[str]) -> dict[str, tuple[float | None, int]]:
    """Of each criterion the mean of its scores, and how many there are."""
    found: dict[str, tuple[float | None, int]] = {}
    for code in codes:
        scores = [card[code] for card in cards if code in card]
        found[code] = (sum(scores) / len(scores) if scores else None, len(scores))
    return found


def unfinished(*, state: str, written: int, handed_in: int, held: bool, ahead: bool) -> Unfinished | None:
    """What the interviews of an application lack. `written` counts scorecards of any status, `held` says that somebody was met.

    Whoever was met is not rejected either on what one alone thinks; who never came can be. Nobody is decided about while they are expected.
    """
    if state == "approving":
        return Unfinished("scorecards_missing") if written and handed_in < NEEDED else None
    if ahead:
        return Unfinished("interview_ahead", even_to_reject=True)
    if handed_in < NEEDED:
        return Unfinished("scorecards_missing", even_to_reject=held or written > 0)
    return None
