"""An interview from its offer to its time, and what may be done with it by whom. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, get_args

Stored = Literal["offered", "chosen", "cancelled"]
Status = Literal["open", "chosen", "begun", "missed", "lapsed", "cancelled"]
"""`open`: it may be chosen. `begun`: it was, and its time has come. `lapsed`: nobody chose it before that."""
Action = Literal["choose", "give_up", "move", "cancel", "name", "miss"]

ACTIONS: Final[tuple[Action, ...]] = get_args(Action)
BY_APPLICANT: Final[frozenset[Action]] = frozenset({"choose", "give_up"})

NOTICE: Final = timedelta(hours=24)
"""Until how long before it begins an applicant may give an interview up."""
SHORTEST: Final = timedelta(minutes=5)
LONGEST: Final = timedelta(hours=8)
FARTHEST: Final = timedelta(days=180)
MOST_INTERVIEWERS: Final = 10
MOST_NAMED: Final = 50
"""Who may be named as interviewers of one campaign."""
MOST_OFFERED: Final = 500
"""How many slots of one campaign may be ahead."""


def status_at(stored: str, *, starts_at: datetime, missed: bool, now: datetime) -> Status:
    """The state at a moment."""
    if stored == "cancelled":
        return "cancelled"
    if now < starts_at:
        return "chosen" if stored == "chosen" else "open"
    if stored == "offered":
        return "lapsed"
    return "missed" if missed else "begun"


@dataclass(frozen=True)
class Facts:
    """What the rules look at. `application_state` is that of whom it is offered to or who has chosen it; `has_another`: they have one ahead."""

    status: Status
    starts_at: datetime
    campaign_archived: bool = False
    application_state: str | None = None
    has_another: bool = False
    own: bool = False
    """Whether the caller has chosen it, or may choose it."""
    has_it: bool = False
    """Whether the caller has chosen it."""
    runs: bool = False
    may_choose: bool = False


def done(action: Action, facts: Facts) -> bool:
    """Whether the caller has done this already: asked again it changes nothing."""
    return action == "choose" and facts.has_it and facts.status == "chosen"


def refusal(action: Action, facts: Facts, now: datetime) -> str | None:
    """The problem code with which a command would be refused now; None if it is possible."""
    allowed = facts.own and facts.may_choose if action in BY_APPLICANT else facts.runs
    if not allowed:
        return "forbidden"
    if facts.campaign_archived:
        return "campaign_closed"
    match action:
        case "choose":
            return _choosing(facts)
        case "give_up":
            return _giving_up(facts, now)
        case "miss":
            return None if facts.status == "begun" else "illegal_transition"
        case _:
            return None if facts.status in ("open", "chosen") else "illegal_transition"


def _choosing(facts: Facts) -> str | None:
    if facts.status == "chosen":
        return "slot_taken"
    if facts.status != "open" or facts.application_state != "interviewing":
        return "illegal_transition"
    return "already_chosen" if facts.has_another else None


def _giving_up(facts: Facts, now: datetime) -> str | None:
    if facts.status != "chosen":
        return "illegal_transition"
    return "too_late_to_give_up" if now > give_up_until(facts.starts_at) else None


def give_up_until(starts_at: datetime) -> datetime:
    """Until when an applicant may give it up."""
    return starts_at - NOTICE
