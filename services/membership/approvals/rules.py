"""Who answers for a department, and what follows from it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from services.membership.applications.rules import Unfinished

Status = Literal["waiting", "approved", "refused"]
Answer = Literal["approved", "refused"]

APPROVE_WITHIN: Final = 3
"""Working days that the manager has; then the owners of the community may answer, too."""
LONGEST_ABSENCE: Final = timedelta(days=366)


def first_manager(above: Sequence[tuple[str, UUID | None]], applicant_id: UUID) -> UUID | None:
    """Who manages the applicant: the nearest department upwards that somebody manages who is there, and is not the applicant.

    `above` are the departments with their managers, the applicant's own first; None where there is nobody.
    """
    return next((manager for _, manager in above if manager not in (None, applicant_id)), None)


@dataclass(frozen=True)
class Hand:
    """Who would answer. `stands_in`: they are the deputy of a manager who is away now; `owns`: they own the community."""

    is_applicant: bool = False
    is_manager: bool = False
    stands_in: bool = False
    owns: bool = False


def open_to_owners(*, approver_id: UUID | None, approver_active: bool, due_at: datetime, now: datetime) -> bool:
    """Whether owners may answer: nobody else can, or had the time and did not."""
    return approver_id is None or not approver_active or now >= due_at


def may_answer(hand: Hand, *, to_owners: bool) -> bool:
    """Whether somebody is among those who answer. That it is about themselves is asked apart."""
    return hand.is_manager or hand.stands_in or (hand.owns and to_owners)


def answering_refusal(hand: Hand, *, to_owners: bool, application_state: str, campaign_archived: bool) -> str | None:
    """The problem code with which an answer would be refused now; None if it is possible. It may be given anew until the application moves."""
    if hand.is_applicant:
        return "conflict_of_interest"
    if not may_answer(hand, to_owners=to_owners):
        return "forbidden"
    if campaign_archived:
        return "campaign_closed"
    return None if application_state == "approving" else "illegal_transition"


def unfinished(answer: str | None) -> Unfinished | None:
    """What an application lacks at this step. Rejecting it needs nobody's approval."""
    if answer is None:
        return Unfinished("approval_missing")
    return Unfinished("approval_refused") if answer == "refused" else None
