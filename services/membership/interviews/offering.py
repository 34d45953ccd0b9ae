"""What those who run a campaign do with interviews: offer, move and cancel them, say who interviews, and who did not come."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import Changes, audit
from chassis.database.rows import existing
from chassis.ids import new_id
from chassis.problems import CONFLICT_OF_INTEREST, INVALID, FieldError, refused
from chassis.timers import schedule
from chassis.web.work import Work
from services.membership.applications.models import Application
from services.membership.campaigns.models import Campaign
from services.membership.interviews.access import InterviewSeen, check, found
from services.membership.interviews.models import Interview, Interviewer, InterviewerLine
from services.membership.interviews.occasions import InterviewMoved, Step, interview_moved
from services.membership.interviews.problems import (
    APPLIES_THEMSELVES,
    INTERVIEWER_BUSY,
    STEP_NOT_LISTED,
    TOO_MANY_INTERVIEWS,
    UNKNOWN_INTERVIEWER,
)
from services.membership.interviews.queries import applying_among, busy_among, conflicts_of, count_ahead, named_among
from services.membership.interviews.rules import FARTHEST, MOST_OFFERED
from services.membership.interviews.schemas import InterviewCreate, InterviewMove
from services.membership.interviews.telling import OFFERS

_BEFORE_OR_AT: frozenset[str] = frozenset({"submitted", "screening", "testing", "interviewing"})


async def offer(work: Work, body: InterviewCreate) -> Interview:
    """Offer a slot. Raises `STEP_NOT_LISTED`, `UNKNOWN_INTERVIEWER`, `INTERVIEWER_BUSY`, `CONFLICT_OF_INTEREST`, `TOO_MANY_INTERVIEWS`."""
    session = work.session
    campaign = await existing(session, Campaign, body.campaign_id, lock=True)
    await work.permit(campaign.community_id)
    if campaign.status == "archived":
        raise refused("campaign_closed", state="archived")
    if "interview" not in campaign.steps:
        raise STEP_NOT_LISTED()
    _check_ahead(body.starts_at, work.now)
    application = await _for_one(work, campaign, body.application_id)
    await _check_interviewers(session, campaign, application, body.interviewer_ids)
    key = new_id()
    await _take_time(session, body.interviewer_ids, body.starts_at, body.ends_at, but=key)
    if await count_ahead(session, campaign.id, work.now) >= MOST_OFFERED:
        raise TOO_MANY_INTERVIEWS(most=MOST_OFFERED)
    interview = Interview(
        id=key,
        community_id=campaign.community_id,
        campaign_id=campaign.id,
        for_application_id=body.application_id,
        starts_at=body.starts_at,
        ends_at=body.ends_at,
        place=body.place,
        wanted=len(body.interviewer_ids),
        created_at=work.now,
        created_by=work.actor,
    )
    session.add(interview)
    await session.flush()
    session.add_all(Interviewer(interview_id=key, person_id=one) for one in body.interviewer_ids)
    await session.flush()
    changes: Changes = {"starts_at": [None, body.starts_at], "application_id": [None, body.application_id]}
    await audit(session, work.caller, interview, "offer", changes, work.now)
    if application is None:
        await schedule(session, OFFERS, interview.id, work.now)
    elif application.state == "interviewing":
        await _tell(work, interview, campaign, "offered", application.person_id, ())
    return interview


async def move(work: Work, interview_id: UUID, body: InterviewMove) -> InterviewSeen:
    """Give it another time, and a place if one is named. Raises `INTERVIEWER_BUSY`, `ILLEGAL_TRANSITION`."""
    seen = await found(work, interview_id, lock=True)
    check("move", seen, work)
    _check_ahead(body.starts_at, work.now)
    interview = seen.interview
    await _take_time(work.session, seen.people, body.starts_at, body.ends_at, but=interview.id)
    changes: Changes = {"starts_at": [interview.starts_at, body.starts_at]}
    interview.starts_at, interview.ends_at = body.starts_at, body.ends_at
    if "place" in body.model_fields_set:
        interview.place = body.place
    interview.sequence += 1
    return await _done(work, seen, "move", changes, "moved")


async def cancel(work: Work, interview_id: UUID, reason: str) -> InterviewSeen:
    """Cancel it, and say why. Raises `ILLEGAL_TRANSITION`."""
    seen = await found(work, interview_id, lock=True)
    check("cancel", seen, work)
    interview = seen.interview
    before = interview.status
    interview.status, interview.cancelled_at, interview.cancel_reason = "cancelled", work.now, reason
    interview.sequence += 1
    return await _done(work, seen, "cancel", {"status": [before, "cancelled"]}, "cancelled")


async def miss(work: Work, interview_id: UUID) -> InterviewSeen:
    """Note that the applicant did not come: nobody has to write about them then. Raises `ILLEGAL_TRANSITION`."""
    seen = await found(work, interview_id, lock=True)
    check("miss", seen, work)
    seen.interview.missed_at = work.now
    return await _done(work, seen, "miss", {"missed_at": [None, work.now]}, None)


async def name(work: Work, interview_id: UUID, people: Sequence[UUID]) -> InterviewSeen:
    """Say who interviews, instead of who did. Raises `UNKNOWN_INTERVIEWER`, `INTERVIEWER_BUSY`, `CONFLICT_OF_INTEREST`."""
    seen = await found(work, interview_id, lock=True)
    check("name", seen, work)
    interview, session = seen.interview, work.session
    new = [one for one in people if one not in seen.people]
    await _check_interviewers(session, seen.campaign, seen.application, people, new)
    await _take_time(session, new, interview.starts_at, interview.ends_at, but=interview.id)
    gone = set(seen.people) - set(people)
    these = delete(Interviewer).where(
        col(Interviewer.interview_id) == interview.id, col(Interviewer.person_id).in_(gone)
    )
    await session.execute(these)
    session.add_all(Interviewer(interview_id=interview.id, person_id=one) for one in new)
    await session.flush()
    interview.wanted = len(people)
    changes: Changes = {"interviewer_ids": [[str(one) for one in seen.people], [str(one) for one in people]]}
    seen.people[:] = sorted(people)
    return await _done(work, seen, "name", changes, "named" if interview.status == "chosen" else None, new)


async def _done(
    work: Work,
    seen: InterviewSeen,
    action: str,
    changes: Changes,
    step: Step | None,
    people: Sequence[UUID] | None = None,
) -> InterviewSeen:
    interview = seen.interview
    interview.version += 1
    await work.session.flush()
    await audit(work.session, work.caller, interview, action, changes, work.now)
    if step is not None and interview.application_id is not None:
        told = seen.people if people is None else people
        applicant = seen.application.person_id if seen.application is not None else None
        await _tell(work, interview, seen.campaign, step, applicant, told)
    return seen


async def _tell(
    work: Work, interview: Interview, campaign: Campaign, step: Step, applicant: UUID | None, people: Sequence[UUID]
) -> None:
    moved = InterviewMoved(interview, campaign.title, step, applicant, list(people), work.actor, work.now)
    await interview_moved.happened(work.session, moved)


def _check_ahead(starts_at: datetime, now: datetime) -> None:
    if not now < starts_at <= now + FARTHEST:
        raise INVALID(
            errors=[
                FieldError(
                    "/starts_at",
                    "out_of_range",
                    "An interview begins within the next 180 days.",
                    "面谈须在未来 180 天内开始。",
                )
            ]
        )


async def _for_one(work: Work, campaign: Campaign, application_id: UUID | None) -> Application | None:
    if application_id is None:
        return None
    application = await work.session.get(Application, application_id, with_for_update=True, populate_existing=True)
    if application is None or application.campaign_id != campaign.id or application.submitted_at is None:
        raise INVALID(
            errors=[
                FieldError(
                    "/application_id",
                    "unknown_application",
                    "The campaign has no such application.",
                    "本次招募没有此申请。",
                )
            ]
        )
    if application.state not in _BEFORE_OR_AT:
        raise refused("illegal_transition", state=application.state)
    return application


async def _check_interviewers(
    session: AsyncSession,
    campaign: Campaign,
    application: Application | None,
    people: Sequence[UUID],
    new: Sequence[UUID] | None = None,
) -> None:
    """Everybody `new` interviews for the campaign, and applies to it no more; nobody interviews themselves, or whom they must not judge."""
    named = await named_among(session, campaign.id, people)
    strangers = [one for one in (people if new is None else new) if one not in named]
    if strangers:
        raise UNKNOWN_INTERVIEWER(errors=_at(people, strangers, UNKNOWN_INTERVIEWER.code, *_UNKNOWN))
    if application is not None:
        must_not = (await conflicts_of(session, [application.id]))[application.id] | {application.person_id}
        partial = [one for one in people if one in must_not]
        if partial:
            raise CONFLICT_OF_INTEREST(errors=_at(people, partial, CONFLICT_OF_INTEREST.code, *_PARTIAL))
    # Who was named before they applied.
    among = await applying_among(session, campaign.id, people if new is None else new)
    if among:
        rivals = [one for one in people if one in among]
        raise APPLIES_THEMSELVES(errors=_at(people, rivals, APPLIES_THEMSELVES.code, *_RIVAL))


async def _take_time(
    session: AsyncSession, people: Sequence[UUID], starts_at: datetime, ends_at: datetime, *, but: UUID
) -> None:
    """Hold the time of these people, and refuse where one of them is in another interview then. Raises `INTERVIEWER_BUSY`."""
    lines = (
        select(col(InterviewerLine.person_id))
        .where(col(InterviewerLine.person_id).in_(people))
        .order_by(col(InterviewerLine.person_id))
        .with_for_update()
    )
    await session.execute(lines)
    busy = await busy_among(session, people, starts_at, ends_at, but=but)
    if busy:
        raise INTERVIEWER_BUSY(interviewer_ids=sorted(str(one) for one in busy))


def _at(people: Sequence[UUID], those: Sequence[UUID], code: str, en: str, zh: str) -> list[FieldError]:
    return [FieldError(f"/interviewer_ids/{people.index(one)}", code, en, zh) for one in those]


_UNKNOWN = ("This person does not interview for the campaign.", "该人员不是本次招募的面谈人。")
_RIVAL = ("This person has an application in the campaign.", "该人员在本次招募中有申请。")
_PARTIAL = ("This person must not judge this application.", "该人员须回避此申请。")
