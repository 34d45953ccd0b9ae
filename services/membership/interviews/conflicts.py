"""Whoever interviews an applicant says that they must not judge them: somebody else is named instead."""

from uuid import UUID

from sqlalchemy import delete, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import audit
from chassis.problems import refused
from chassis.security.authority import authorize
from chassis.web.work import Work
from services.membership.applications.moving import locked
from services.membership.applications.occasions import Taking
from services.membership.applications.rules import IN_PROGRESS
from services.membership.campaigns.models import Campaign
from services.membership.interviews.access import person_of
from services.membership.interviews.models import DeclaredConflict, Interview, Interviewer
from services.membership.interviews.occasions import (
    ConflictDeclared,
    InterviewMoved,
    conflict_declared,
    interview_moved,
)
from services.membership.interviews.queries import has_conflict, interviews_in
from services.membership.permissions import APPLICATIONS_READ, SCORECARDS_WRITE


async def declare(work: Work, application_id: UUID, reason: str | None) -> tuple[DeclaredConflict, UUID]:
    """Declare it, once. They leave what is ahead, and what they wrote counts no more. Returns it with its community. Raises `ILLEGAL_TRANSITION`."""
    session, person_id = work.session, person_of(work.caller)
    campaign, application = await locked(session, application_id)
    known = None if person_id is None else await session.get(DeclaredConflict, (application_id, person_id))
    interviews = person_id is not None and await interviews_in(session, application_id, person_id)
    await authorize(
        session,
        work.caller,
        work.permission or SCORECARDS_WRITE,
        application.community_id,
        assigned=known is not None or interviews,
        seen_by=APPLICATIONS_READ,
        now=work.now,
    )
    if known is not None:
        return known, application.community_id
    if application.state not in IN_PROGRESS:
        raise refused("illegal_transition", state=application.state)
    assert person_id is not None  # noqa: S101 - nobody else is assigned
    declared = DeclaredConflict(application_id=application_id, person_id=person_id, reason=reason, declared_at=work.now)
    session.add(declared)
    await session.flush()
    await _leave(work, campaign, application_id, person_id)
    await conflict_declared.happened(session, ConflictDeclared(application, person_id, work.now))
    await audit(session, work.caller, application, "declare_conflict", {"person_id": [None, person_id]}, work.now)
    return declared, application.community_id


async def _leave(work: Work, campaign: Campaign, application_id: UUID, person_id: UUID) -> None:
    """Out of what is ahead for this application: mostly one interview, and never more than were chosen one after the other."""
    ahead = (
        select(Interview)
        .join(Interviewer, col(Interviewer.interview_id) == col(Interview.id))
        .where(
            col(Interview.application_id) == application_id,
            col(Interview.status) == "chosen",
            col(Interview.starts_at) > work.now,
            col(Interviewer.person_id) == person_id,
        )
        .with_for_update(of=Interview)
    )
    for interview in (await work.session.execute(ahead)).scalars().all():
        await work.session.execute(
            delete(Interviewer).where(
                col(Interviewer.interview_id) == interview.id, col(Interviewer.person_id) == person_id
            )
        )
        interview.version += 1
        moved = InterviewMoved(interview, campaign.title, "lacking", None, (), work.actor, work.now)
        await interview_moved.happened(work.session, moved)


async def takes_part(session: AsyncSession, asked: Taking) -> bool:
    """Whether somebody interviews the applicant, and may judge them."""
    if not await interviews_in(session, asked.application.id, asked.person_id):
        return False
    return not await has_conflict(session, asked.application.id, asked.person_id)
