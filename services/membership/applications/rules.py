"""One application's way from draft to decision: which step is possible now, for whom, and why not.

The same functions authorise the commands and answer `viewer {can, cannot}`, so that the two cannot disagree. What depends on
what a command says (the outcome, the quota) is refused by the command alone.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, get_args

State = Literal[
    "draft", "submitted", "screening", "testing", "interviewing", "approving", "decided", "returned", "withdrawn"
]
ReadState = Literal[State, "in_review"]
"""States as they are read: to its applicant, an application is in review until its decision is released."""
Outcome = Literal["accepted", "waitlisted", "rejected"]
TestResult = Literal["passed", "failed"]
Action = Literal["edit", "submit", "resubmit", "withdraw", "decline", "request_review", "return", "advance", "decide"]

ACTIONS: Final[tuple[Action, ...]] = get_args(Action)
BY_APPLICANT: Final[frozenset[Action]] = frozenset(
    {"edit", "submit", "resubmit", "withdraw", "decline", "request_review"}
)

DECLINE_PERIOD: Final = timedelta(days=7)
COOL_OFF: Final = timedelta(days=30)
KEPT: Final = timedelta(days=180)
"""How long answers and what others wrote of them are kept after the decision took effect, or after the withdrawal."""
DRAFTS_KEPT: Final = timedelta(days=30)
"""How long what was never submitted is kept after its campaign closed."""
RETURN_PERIOD: Final = timedelta(days=7)
"""How long a returned application waits for its applicant where the operator does not say."""

STATE_OF_STEP: Final[dict[str, State]] = {
    "form": "screening",
    "test": "testing",
    "interview": "interviewing",
    "approval": "approving",
}
TEST_REQUIREMENT: Final = "step.test"
"""What a failed test is among the requirements that were not met; no code of a campaign has a dot."""
IN_PROGRESS: Final[frozenset[State]] = frozenset({"submitted", *STATE_OF_STEP.values()})


@dataclass(frozen=True)
class Unfinished:
    """What the present step lacks, as the code of a refusal. `even_to_reject`: nobody is rejected without it either."""

    code: str
    even_to_reject: bool = False


@dataclass(frozen=True)
class Facts:
    """What the rules look at. `release_at` is when the decision takes effect; `steps` are the campaign's.

    `released_outcome` is the outcome that took effect before the present one, if any did. `unfinished` is what the step lacks still.
    """

    state: State
    campaign_status: str
    steps: Sequence[str] = ("form",)
    outcome: Outcome | None = None
    release_at: datetime | None = None
    returned_until: datetime | None = None
    knocked_out: bool = False
    review_requested: bool = False
    released_outcome: Outcome | None = None
    unfinished: Unfinished | None = None


@dataclass(frozen=True)
class Hand:
    """Who acts: whether it is the applicant, and what the permission table gives them in this community.

    `may_apply` stands for creating and withdrawing, which members do not; `may_leave` for ending their own membership.
    """

    is_applicant: bool
    may_decide: bool
    may_apply: bool = True
    may_leave: bool = True


def in_effect(facts: Facts, now: datetime) -> bool:
    """Whether a decision has been released."""
    return facts.state == "decided" and facts.release_at is not None and facts.release_at <= now


def holds_seat(facts: Facts) -> bool:
    """Whether it occupies one of the campaign's seats: from the decision, not from its release."""
    return facts.state == "decided" and facts.outcome == "accepted"


def is_live(facts: Facts, now: datetime) -> bool:
    """Whether it stands in the way of another application of the same person to the same campaign."""
    if facts.state == "withdrawn":
        return False
    return not (facts.outcome == "rejected" and in_effect(facts, now))


def refusal(action: Action, facts: Facts, hand: Hand, now: datetime) -> str | None:
    """The problem code with which a command would be refused now; None if it is possible."""
    by_whom = _hand_refusal(action, hand)
    if by_whom is not None:
        return by_whom
    if facts.campaign_status == "archived" and action not in ("withdraw", "decline"):
        return "campaign_closed"
    match action:
        case "edit" | "submit":
            return _drafting(facts)
        case "resubmit":
            return _resubmitting(facts, now)
        case "return":
            return None if facts.state in ("submitted", "screening") else "illegal_transition"
        case "advance":
            return _advancing(facts)
        case "decide":
            return _deciding(facts, now)
        case "withdraw":
            return _withdrawing(facts, now)
        case "decline":
            return _declining(facts, now)
        case "request_review":
            return _reviewing(facts, now)


def possibilities(facts: Facts, hand: Hand, now: datetime) -> tuple[list[Action], dict[Action, str]]:
    """All actions in two parts: those possible now, and the others with the code of their refusal."""
    refused = {action: code for action in ACTIONS if (code := refusal(action, facts, hand, now)) is not None}
    return [action for action in ACTIONS if action not in refused], refused


def outcome_refusal(facts: Facts, outcome: Outcome, *, seats_left: int) -> str | None:
    """The problem code with which this very outcome would be refused, once deciding as such is possible.

    `seats_left` does not count a seat that this application holds already. Accepting comes after the last step; refusing may
    come at any, unless the step says that it must be finished first.
    """
    if facts.state == "decided" and facts.outcome == outcome:
        return None
    if outcome != "rejected" and facts.state != "decided" and next_state(facts, beyond_screening=True) is not None:
        return "steps_remaining"
    if facts.unfinished is not None and (outcome != "rejected" or facts.unfinished.even_to_reject):
        return facts.unfinished.code
    return "quota_full" if outcome == "accepted" and seats_left < 1 else None


def next_state(facts: Facts, *, beyond_screening: bool = False) -> State | None:
    """Where `advance` leads, by the steps that the campaign lists; None at the last.

    `beyond_screening` passes over the screening of the form, which a decision includes.
    """
    ways = [STATE_OF_STEP[step] for step in facts.steps]
    if facts.state == "submitted":
        remaining = ways[1:] if beyond_screening else ways
    elif facts.state in ways:
        remaining = ways[ways.index(facts.state) + 1 :]
    else:
        remaining = []
    return remaining[0] if remaining else None


def cool_off_until(rejected_at: Iterable[datetime]) -> datetime | None:
    """Until when a person may not apply to the same campaign again, given the moments of earlier rejections."""
    latest = max(rejected_at, default=None)
    return None if latest is None else latest + COOL_OFF


def seen_by_applicant(facts: Facts, now: datetime) -> tuple[str, Outcome | None]:
    """State and outcome as the applicant reads them: nothing of a decision, nor that there is one, before its release."""
    if facts.state == "decided" and in_effect(facts, now):
        return "decided", facts.outcome
    if facts.state == "decided" and facts.released_outcome is not None:
        return "decided", facts.released_outcome
    return ("in_review" if facts.state in ("screening", "decided") else facts.state), None


# --- one action each -----------------------------------------------------------------------------------------------


def _hand_refusal(action: Action, hand: Hand) -> str | None:
    if action in BY_APPLICANT:
        allowed = hand.may_leave if action == "decline" else hand.may_apply
        return None if hand.is_applicant and allowed else "forbidden"
    if not hand.may_decide:
        return "forbidden"
    return "conflict_of_interest" if hand.is_applicant else None


def _drafting(facts: Facts) -> str | None:
    if facts.state != "draft":
        return "illegal_transition"
    if facts.campaign_status == "open":
        return None
    return "campaign_not_open" if facts.campaign_status in ("draft", "scheduled") else "campaign_closed"


def _resubmitting(facts: Facts, now: datetime) -> str | None:
    if facts.state != "returned":
        return "illegal_transition"
    # The campaign may have closed meanwhile: this one was handed in before.
    return "return_expired" if facts.returned_until is not None and now >= facts.returned_until else None


def _advancing(facts: Facts) -> str | None:
    if facts.state not in IN_PROGRESS or next_state(facts) is None:
        return "illegal_transition"
    return facts.unfinished.code if facts.unfinished is not None else None


def _deciding(facts: Facts, now: datetime) -> str | None:
    if facts.state in IN_PROGRESS:
        return None
    if facts.state == "returned":
        # If the applicant never came back, decide on the application as it is; else it would stay open for ever.
        expired = facts.returned_until is not None and now >= facts.returned_until
        return None if expired else "illegal_transition"
    if facts.state != "decided":
        return "illegal_transition"
    return None if not in_effect(facts, now) or facts.outcome == "waitlisted" else "illegal_transition"


def _withdrawing(facts: Facts, now: datetime) -> str | None:
    if facts.state == "withdrawn":
        return "illegal_transition"
    return "illegal_transition" if in_effect(facts, now) and facts.outcome != "waitlisted" else None


def _declining(facts: Facts, now: datetime) -> str | None:
    if facts.outcome != "accepted" or not in_effect(facts, now) or facts.release_at is None:
        return "illegal_transition"
    return "decline_period_over" if now >= facts.release_at + DECLINE_PERIOD else None


def _reviewing(facts: Facts, now: datetime) -> str | None:
    if not (facts.knocked_out and facts.outcome == "rejected" and in_effect(facts, now)):
        return "illegal_transition"
    return "review_already_requested" if facts.review_requested else None
