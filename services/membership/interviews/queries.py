"""Reading interviews: who sees which, who is busy when, who interviews."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, false, func, or_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.contributions import Waiting
from chassis.database.listing import Listing
from chassis.database.statements import Prepared, bindparam
from services.membership.applications.models import Application
from services.membership.campaigns.models import Campaign
from services.membership.interviews.models import (
    CampaignInterviewer,
    DeclaredConflict,
    Interview,
    Interviewer,
)
from services.membership.roster.models import Member
from services.membership.roster.queries import effective_status

_OF_INTERVIEWS: Prepared[Any] = Prepared(
    lambda on: (
        select(col(Interviewer.interview_id), col(Interviewer.person_id))
        .where(on.among(col(Interviewer.interview_id), "ids"))
        .order_by(col(Interviewer.interview_id), col(Interviewer.person_id))
    )
)
_CONFLICTS: Prepared[Any] = Prepared(
    lambda on: select(col(DeclaredConflict.application_id), col(DeclaredConflict.person_id)).where(
        on.among(col(DeclaredConflict.application_id), "ids")
    )
)
_APPLICATIONS: Prepared[Any] = Prepared(lambda on: select(Application).where(on.among(col(Application.id), "ids")))
_CAMPAIGNS: Prepared[Any] = Prepared(lambda on: select(Campaign).where(on.among(col(Campaign.id), "ids")))
_LIVE_OF_PERSON: Prepared[Any] = Prepared(
    lambda on: select(Application).where(
        on.among(col(Application.campaign_id), "ids"),
        col(Application.person_id) == bindparam("person_id"),
        col(Application.live).is_(True),
        col(Application.submitted_at).is_not(None),
    )
)
_AHEAD: Prepared[Any] = Prepared(
    lambda on: select(col(Interview.application_id), col(Interview.id)).where(
        on.among(col(Interview.application_id), "ids"),
        col(Interview.status) == "chosen",
        col(Interview.starts_at) > bindparam("now"),
    )
)
_NAMED: Prepared[Any] = Prepared(
    lambda on: select(col(CampaignInterviewer.person_id)).where(
        col(CampaignInterviewer.campaign_id) == bindparam("campaign_id"),
        on.among(col(CampaignInterviewer.person_id), "people"),
    )
)
_BUSY: Prepared[Any] = Prepared(
    lambda on: (
        select(col(Interviewer.person_id))
        .join(Interview, col(Interview.id) == col(Interviewer.interview_id))
        .where(
            on.among(col(Interviewer.person_id), "people"),
            col(Interview.id) != bindparam("but"),
            col(Interview.status) != "cancelled",
            col(Interview.starts_at) < bindparam("ends_at"),
            col(Interview.ends_at) > bindparam("starts_at"),
        )
        .distinct()
    )
)
_APPLY: Prepared[Any] = Prepared(
    lambda on: select(col(Application.person_id)).where(
        col(Application.campaign_id) == bindparam("campaign_id"),
        on.among(col(Application.person_id), "people"),
        col(Application.live).is_(True),
        col(Application.submitted_at).is_not(None),
    )
)
_INTERVIEWS_IN: Prepared[Any] = Prepared(
    select(
        exists().where(
            col(Interview.application_id) == bindparam("application_id"),
            col(Interview.status) == "chosen",
            col(Interviewer.interview_id) == col(Interview.id),
            col(Interviewer.person_id) == bindparam("person_id"),
        )
    )
)
_HAS_CONFLICT: Prepared[Any] = Prepared(
    select(
        exists().where(
            col(DeclaredConflict.application_id) == bindparam("application_id"),
            col(DeclaredConflict.person_id) == bindparam("person_id"),
        )
    )
)


async def interviewers_of(session: AsyncSession, interview_ids: Sequence[UUID]) -> dict[UUID, list[UUID]]:
    """Who interviews in each."""
    found: dict[UUID, list[UUID]] = {one: [] for one in interview_ids}
    for row in await _OF_INTERVIEWS.all(session, ids=list(interview_ids)):
        found[row.interview_id].append(row.person_id)
    return found


async def conflicts_of(session: AsyncSession, application_ids: Collection[UUID]) -> dict[UUID, set[UUID]]:
    """Who must not judge each of these applications."""
    found: dict[UUID, set[UUID]] = {one: set() for one in application_ids}
    if found:
        for row in await _CONFLICTS.all(session, ids=list(found)):
            found[row.application_id].add(row.person_id)
    return found


async def applications_by_id(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, Application]:
    """These applications."""
    return {one.id: one for one in await _APPLICATIONS.all(session, ids=list(ids))} if ids else {}


async def campaigns_by_id(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, Campaign]:
    """These campaigns."""
    return {one.id: one for one in await _CAMPAIGNS.all(session, ids=list(ids))}


async def live_applications(
    session: AsyncSession, person_id: UUID, campaign_ids: Collection[UUID]
) -> dict[UUID, Application]:
    """Somebody's application to each of these campaigns, where they have a live one."""
    rows = await _LIVE_OF_PERSON.all(session, person_id=person_id, ids=list(campaign_ids))
    return {one.campaign_id: one for one in rows}


async def ahead_of(session: AsyncSession, application_ids: Collection[UUID], now: datetime) -> dict[UUID, UUID]:
    """Which interview each of these applications has chosen that is still to come."""
    rows = await _AHEAD.all(session, ids=list(application_ids), now=now) if application_ids else []
    return {row.application_id: row.id for row in rows}


async def named_among(session: AsyncSession, campaign_id: UUID, people: Collection[UUID]) -> set[UUID]:
    """Those of the people who interview for the campaign."""
    return set(await _NAMED.all(session, campaign_id=campaign_id, people=list(people)))


async def applying_among(session: AsyncSession, campaign_id: UUID, people: Collection[UUID]) -> set[UUID]:
    """Those of the people who want to get in by the campaign themselves: they would judge whom they compete with."""
    return set(await _APPLY.all(session, campaign_id=campaign_id, people=list(people)))


async def busy_among(
    session: AsyncSession, people: Collection[UUID], starts_at: datetime, ends_at: datetime, *, but: UUID
) -> set[UUID]:
    """Those of the people who have another interview, chosen or offered, at that time."""
    return set(await _BUSY.all(session, people=list(people), starts_at=starts_at, ends_at=ends_at, but=but))


async def interviews_in(session: AsyncSession, application_id: UUID, person_id: UUID) -> bool:
    """Whether somebody interviews, or has interviewed, the applicant."""
    return bool(await _INTERVIEWS_IN.one(session, application_id=application_id, person_id=person_id))


async def has_conflict(session: AsyncSession, application_id: UUID, person_id: UUID) -> bool:
    """Whether somebody has declared that they must not judge an application."""
    return bool(await _HAS_CONFLICT.one(session, application_id=application_id, person_id=person_id))


async def count_ahead(session: AsyncSession, campaign_id: UUID, now: datetime) -> int:
    """How many slots of a campaign are still to come."""
    ahead = select(func.count()).where(
        col(Interview.campaign_id) == campaign_id, col(Interview.status) != "cancelled", col(Interview.starts_at) > now
    )
    return int((await session.execute(ahead)).scalar_one())


def interviews(
    *,
    now: datetime,
    community_id: UUID | None,
    campaign_id: UUID | None,
    application_id: UUID | None,
    person_id: UUID | None,
    assigned: bool,
    lacking: bool,
) -> Listing:
    """Interviews, the earliest first. `person_id` reads their own: what they may choose or have chosen, and, if `assigned`, where they interview.

    Of one application: what it has chosen, or is offered to it alone; to whose it is also what all of its campaign may choose.
    """
    statement = select(Interview)
    if community_id is not None:
        statement = statement.where(col(Interview.community_id) == community_id)
    if campaign_id is not None:
        statement = statement.where(col(Interview.campaign_id) == campaign_id)
    if application_id is not None:
        theirs = [col(Interview.application_id) == application_id, col(Interview.for_application_id) == application_id]
        if person_id is not None:
            theirs.append(_offered_to_all_with(application_id, person_id))
        statement = statement.where(or_(*theirs))
    if person_id is not None:
        statement = statement.where(_seen_by(person_id, now, assigned=assigned))
    if lacking:
        statement = statement.where(*_lacking(now))
    return Listing(statement, [col(Interview.starts_at).asc(), col(Interview.id).asc()])


def _offered_to_all_with(application_id: UUID, person_id: UUID) -> ColumnElement[bool]:
    """What an applicant may choose with this application, as others of its campaign may."""
    own = exists().where(
        col(Application.id) == application_id,
        col(Application.person_id) == person_id,
        col(Application.campaign_id) == col(Interview.campaign_id),
    )
    return and_(col(Interview.status) == "offered", col(Interview.for_application_id).is_(None), own)


def _seen_by(person_id: UUID, now: datetime, *, assigned: bool) -> ColumnElement[bool]:
    sanctioned = exists().where(
        col(Member.community_id) == col(Interview.community_id),
        col(Member.person_id) == person_id,
        effective_status(now).in_(["suspended", "muted"]),
    )
    interviews_there = exists().where(
        col(Interviewer.interview_id) == col(Interview.id), col(Interviewer.person_id) == person_id
    )
    own = col(Application.person_id) == person_id
    has_it = exists().where(col(Application.id) == col(Interview.application_id), own)
    conflicted = exists().where(
        col(DeclaredConflict.application_id) == col(Application.id),
        col(DeclaredConflict.person_id) == col(Interviewer.person_id),
        col(Interviewer.interview_id) == col(Interview.id),
    )
    may_choose = exists().where(
        own,
        col(Application.campaign_id) == col(Interview.campaign_id),
        col(Application.live).is_(True),
        col(Application.state) == "interviewing",
        or_(
            col(Interview.for_application_id).is_(None),
            col(Interview.for_application_id) == col(Application.id),
        ),
        ~conflicted,
    )
    there = and_(interviews_there, ~sanctioned, col(Interview.status) != "cancelled")
    return or_(
        there if assigned else false(),
        has_it,
        and_(col(Interview.status) == "offered", col(Interview.starts_at) > now, may_choose),
    )


def _lacking(now: datetime) -> list[ColumnElement[bool]]:
    here = (
        select(func.count())
        .where(col(Interviewer.interview_id) == col(Interview.id))
        .correlate(Interview)
        .scalar_subquery()
    )
    return [col(Interview.status) != "cancelled", col(Interview.starts_at) > now, here < col(Interview.wanted)]


async def lacking(session: AsyncSession, community_id: UUID, now: datetime, _member_id: UUID | None) -> Waiting:
    """Interviews ahead that have lost somebody who interviews."""
    found = select(func.count(), func.min(col(Interview.starts_at))).where(
        col(Interview.community_id) == community_id, *_lacking(now)
    )
    count, _ = (await session.execute(found)).one()
    return Waiting(count=count, href=f"/v1/interviews?community_id={community_id}&lacking=true")


def campaign_interviewers(campaign_id: UUID) -> Listing:
    """Who interviews for a campaign, in the order in which they were named."""
    statement = select(CampaignInterviewer).where(col(CampaignInterviewer.campaign_id) == campaign_id)
    return Listing(statement, [col(CampaignInterviewer.named_at).asc(), col(CampaignInterviewer.person_id).asc()])


async def interviews_anywhere(session: AsyncSession, person_id: UUID | None, community_id: UUID) -> bool:
    """Whether somebody interviews for a community, and so knows of it."""
    if person_id is None:
        return False
    return bool(await _ANYWHERE.one(session, person_id=person_id, community_id=community_id))


_ANYWHERE: Prepared[Any] = Prepared(
    select(
        exists().where(
            col(CampaignInterviewer.person_id) == bindparam("person_id"),
            col(CampaignInterviewer.campaign_id) == col(Campaign.id),
            col(Campaign.community_id) == bindparam("community_id"),
        )
    )
)
