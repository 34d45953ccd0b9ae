"""Reading scorecards."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, case, func, or_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.listing import Listing
from chassis.database.statements import Prepared, bindparam
from services.membership.interviews.models import DeclaredConflict, Interview, Interviewer
from services.membership.scorecards.models import Scorecard

_OWN: Prepared[Any] = Prepared(
    select(Scorecard).where(
        col(Scorecard.application_id) == bindparam("application_id"),
        col(Scorecard.person_id) == bindparam("person_id"),
    )
)
_OF_APPLICATION: Prepared[Any] = Prepared(
    select(Scorecard).where(
        col(Scorecard.application_id) == bindparam("application_id"), col(Scorecard.status) == "handed_in"
    )
)
_MET: Prepared[Any] = Prepared(
    select(func.min(col(Interview.starts_at)))
    .join(Interviewer, col(Interviewer.interview_id) == col(Interview.id))
    .where(
        col(Interview.application_id) == bindparam("application_id"),
        col(Interview.status) == "chosen",
        col(Interview.missed_at).is_(None),
        col(Interviewer.person_id) == bindparam("person_id"),
    )
)
_INTERVIEWERS: Prepared[Any] = Prepared(
    select(func.count(func.distinct(col(Interviewer.person_id))))
    .join(Interview, col(Interview.id) == col(Interviewer.interview_id))
    .outerjoin(
        DeclaredConflict,
        and_(
            col(DeclaredConflict.application_id) == col(Interview.application_id),
            col(DeclaredConflict.person_id) == col(Interviewer.person_id),
        ),
    )
    .where(
        col(Interview.application_id) == bindparam("application_id"),
        col(Interview.status) == "chosen",
        col(DeclaredConflict.person_id).is_(None),
    )
)
_COUNTS: Prepared[Any] = Prepared(
    lambda on: (
        select(
            col(Scorecard.application_id),
            func.count().label("written"),
            func.count(case((col(Scorecard.status) == "handed_in", 1))).label("handed_in"),
        )
        .where(on.among(col(Scorecard.application_id), "ids"))
        .group_by(col(Scorecard.application_id))
    )
)
_TIMES: Prepared[Any] = Prepared(
    lambda on: (
        select(
            col(Interview.application_id),
            func.count(case((col(Interview.starts_at) > bindparam("now"), 1))).label("ahead"),
            func.count(case((col(Interview.starts_at) <= bindparam("now"), 1))).label("held"),
        )
        .where(
            on.among(col(Interview.application_id), "ids"),
            col(Interview.status) == "chosen",
            col(Interview.missed_at).is_(None),
        )
        .group_by(col(Interview.application_id))
    )
)


async def own_card(session: AsyncSession, application_id: UUID, person_id: UUID) -> Scorecard | None:
    """What somebody wrote of an application."""
    found = await _OWN.load(session, application_id=application_id, person_id=person_id)
    return found[0] if found else None


async def cards_in(session: AsyncSession, application_id: UUID) -> Sequence[Scorecard]:
    """What counts of an application's scorecards."""
    return await _OF_APPLICATION.load(session, application_id=application_id)


async def met_at(session: AsyncSession, application_id: UUID, person_id: UUID) -> datetime | None:
    """When somebody's first interview with the applicant begins, or began; None where they have none."""
    began: datetime | None = await _MET.one(session, application_id=application_id, person_id=person_id)
    return began


async def count_interviewers(session: AsyncSession, application_id: UUID) -> int:
    """How many people interview the applicant, or have, and may judge them."""
    return int(await _INTERVIEWERS.one(session, application_id=application_id))


async def counts_of(session: AsyncSession, application_ids: Sequence[UUID]) -> dict[UUID, tuple[int, int]]:
    """Of each of these applications how many scorecards there are, and how many count."""
    rows = await _COUNTS.all(session, ids=list(application_ids))
    return {row.application_id: (row.written, row.handed_in) for row in rows}


async def times_of(
    session: AsyncSession, application_ids: Sequence[UUID], now: datetime
) -> dict[UUID, tuple[bool, bool]]:
    """Of each of these applications whether an interview was held, and whether one is ahead."""
    rows = await _TIMES.all(session, ids=list(application_ids), now=now)
    return {row.application_id: (row.held > 0, row.ahead > 0) for row in rows}


def cards(application_id: UUID, *, person_id: UUID | None, others: bool) -> Listing:
    """An application's scorecards as somebody reads them: their own, and with `others` what the others have handed in."""
    statement = select(Scorecard).where(col(Scorecard.application_id) == application_id)
    theirs = col(Scorecard.status) != "draft" if others else col(Scorecard.id).is_(None)
    own = col(Scorecard.person_id) == person_id if person_id is not None else col(Scorecard.id).is_(None)
    return Listing(statement.where(or_(own, theirs)), [col(Scorecard.created_at).asc(), col(Scorecard.id).asc()])
