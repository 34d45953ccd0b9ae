"""Applicants who wait for a time to choose are told when one is offered to all of them, some hundreds at a time."""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import Prepared, bindparam
from chassis.timers import Late, Timer, Timers, again
from services.membership.applications.models import Application
from services.membership.campaigns.models import Campaign
from services.membership.interviews.models import DeclaredConflict, Interview, Interviewer
from services.membership.interviews.occasions import InterviewMoved, interview_moved

OFFERS: Final = "interviews.offers"
TOGETHER: Final = 500
_FIRST: Final = UUID(int=0)

timers = Timers()


def _judged_by_none_who_must_not(slot: Any) -> Any:
    conflicted = exists().where(
        col(DeclaredConflict.application_id) == col(Application.id),
        col(DeclaredConflict.person_id) == col(Interviewer.person_id),
        col(Interviewer.interview_id) == slot.id,
    )
    themselves = exists().where(
        col(Interviewer.interview_id) == slot.id, col(Interviewer.person_id) == col(Application.person_id)
    )
    return and_(~conflicted, ~themselves)


def _waiting() -> Any:
    """Who has none and could choose none before this slot: who could was told of that one."""
    known, taken = aliased(Interview), aliased(Interview)
    could_choose = exists().where(
        col(known.campaign_id) == col(Application.campaign_id),
        col(known.status) == "offered",
        col(known.starts_at) > bindparam("now"),
        or_(
            col(known.created_at) < col(Interview.created_at),
            and_(col(known.created_at) == col(Interview.created_at), col(known.id) < col(Interview.id)),
        ),
        or_(col(known.for_application_id).is_(None), col(known.for_application_id) == col(Application.id)),
        _judged_by_none_who_must_not(known),
    )
    has_one = exists().where(
        col(taken.application_id) == col(Application.id), col(taken.status) == "chosen", col(taken.missed_at).is_(None)
    )
    return (
        select(col(Application.id), col(Application.person_id))
        .join(Interview, col(Interview.campaign_id) == col(Application.campaign_id))
        .where(
            col(Interview.id) == bindparam("interview_id"),
            col(Application.id) > bindparam("upto"),
            col(Application.state) == "interviewing",
            # Who came to this step later was told as they came.
            col(Application.step_since) <= col(Interview.created_at),
            _judged_by_none_who_must_not(Interview),
            ~could_choose,
            ~has_one,
        )
        .order_by(col(Application.id))
        .limit(TOGETHER)
    )


_WAITING: Prepared[Any] = Prepared(_waiting())


@timers.on(OFFERS, late=Late.ENDING)
async def tell_who_waits(session: AsyncSession, timer: Timer) -> None:
    """Tell the next of those who have waited for this slot, or for any; nobody of one that was taken or cancelled meanwhile."""
    interview = await session.get(Interview, timer.subject_id, with_for_update=True)
    if interview is None or interview.status != "offered" or interview.starts_at <= timer.now:
        return
    campaign = await session.get_one(Campaign, interview.campaign_id)
    if campaign.status == "archived":
        return
    upto = interview.told_upto or _FIRST
    rows = await _WAITING.all(session, interview_id=interview.id, upto=upto, now=timer.now)
    if not rows:
        return
    people = [row.person_id for row in rows]
    moved = InterviewMoved(interview, campaign.title, "offered", None, people, interview.created_by, timer.now)
    await interview_moved.happened(session, moved)
    if len(rows) == TOGETHER:
        interview.told_upto = rows[-1].id
        await session.flush()
        await again(session, timer)
