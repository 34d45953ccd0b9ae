"""Use cases of approvals: to approve or refuse, and who may."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import audit
from chassis.database.rows import existing
from chassis.problems import NOT_FOUND, refused
from chassis.security.authority import Standing, authorize
from chassis.web.work import Work
from services.membership.applications.models import Application
from services.membership.applications.moving import locked, note_move
from services.membership.applications.occasions import Taking
from services.membership.approvals.models import Approval
from services.membership.approvals.occasions import ApprovalMoved, approval_moved
from services.membership.approvals.queries import active_among, approval_of, deputies_of
from services.membership.approvals.rules import Answer, Hand, answering_refusal, may_answer, open_to_owners
from services.membership.campaigns.models import Campaign
from services.membership.permissions import APPLICATIONS_READ
from services.membership.roster.joining import find_member


@dataclass(frozen=True, slots=True)
class ApprovalSeen:
    """An approval that the caller may read or give, and what they are to it."""

    approval: Approval
    application: Application
    campaign: Campaign
    standing: Standing
    hand: Hand
    deputy_id: UUID | None
    to_owners: bool


async def found(work: Work, application_id: UUID, *, lock: bool = False) -> ApprovalSeen:
    """What is asked about an application, if the caller may do with it what the operation is for. Raises `NOT_FOUND`."""
    session = work.session
    if lock:
        await locked(session, application_id)
    # Whoever may not read the application does not learn either what is asked about it.
    application = await existing(session, Application, application_id)
    asked = await approval_of(session, application_id)
    person_id = work.caller.id if work.caller is not None and work.caller.kind == "person" else None
    hand, deputy_id, to_owners = Hand(is_applicant=application.person_id == person_id), None, False
    if asked is not None and person_id is not None:
        hand, deputy_id, to_owners = await _hand(session, asked[0], application, person_id, work)
    standing = await authorize(
        session,
        work.caller,
        work.permission or APPLICATIONS_READ,
        application.community_id,
        own=hand.is_applicant,
        assigned=may_answer(hand, to_owners=to_owners),
        seen_by=APPLICATIONS_READ,
        now=work.now,
    )
    if asked is None:
        raise NOT_FOUND()
    return ApprovalSeen(asked[0], application, asked[2], standing, hand, deputy_id, to_owners)


async def _hand(
    session: AsyncSession, approval: Approval, application: Application, person_id: UUID, work: Work
) -> tuple[Hand, UUID | None, bool]:
    manager = approval.approver_id
    known = [] if manager is None else [manager]
    deputy = (await deputies_of(session, known, work.now)).get(manager) if manager is not None else None
    there = manager in await active_among(session, known)
    to_owners = open_to_owners(approver_id=manager, approver_active=there, due_at=approval.due_at, now=work.now)
    member = await find_member(session, community_id=application.community_id, person_id=person_id)
    owns = member is not None and member.status_at(work.now) == "active" and "owner" in member.roles_at(work.now)
    hand = Hand(
        is_applicant=application.person_id == person_id,
        is_manager=manager == person_id,
        stands_in=deputy == person_id,
        owns=owns,
    )
    return hand, deputy, to_owners


def refusal(seen: ApprovalSeen) -> str | None:
    """The problem code with which the caller's answer would be refused now."""
    return answering_refusal(
        seen.hand,
        to_owners=seen.to_owners,
        application_state=seen.application.state,
        campaign_archived=seen.campaign.status == "archived",
    )


async def answer(work: Work, application_id: UUID, outcome: Answer, words: str | None) -> ApprovalSeen:
    """Approve or refuse, also otherwise than before. Raises `CONFLICT_OF_INTEREST`, `ILLEGAL_TRANSITION`."""
    seen = await found(work, application_id, lock=True)
    code = refusal(seen)
    if code is not None:
        raise refused(code, state=seen.application.state if code == "illegal_transition" else None)
    approval, application = seen.approval, seen.application
    before = approval.outcome
    approval.outcome, approval.reason = outcome, words
    approval.decided_by, approval.decided_at = work.actor, work.now
    application.holder = None
    action = "approve" if outcome == "approved" else "refuse"
    note_move(
        work.session, application, action=action, actor=work.actor, came_from="approving", at=work.now, note=words
    )
    await audit(work.session, work.caller, application, action, {"approval": [before, outcome]}, work.now)
    await work.session.flush()
    kind, _, asker = approval.asked_by.partition(":")
    if kind == "person" and before is None:
        moved = ApprovalMoved(
            application.id,
            application.community_id,
            seen.campaign.title,
            "answered",
            (UUID(asker),),
            approval.due_at,
            work.actor,
            work.now,
        )
        await approval_moved.happened(work.session, moved)
    return seen


async def takes_part(session: AsyncSession, asked: Taking) -> bool:
    """Whether an approval waits for somebody, or they gave it: they read the application then."""
    known = await approval_of(session, asked.application.id)
    if known is None or asked.application.state != "approving" or asked.person_id == asked.application.person_id:
        return False
    manager = known[0].approver_id
    if manager is None:
        return False
    return asked.person_id in (manager, (await deputies_of(session, [manager], asked.at)).get(manager))
