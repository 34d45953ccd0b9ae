"""Reading cases and reports."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, select, true
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.contributions import Waiting
from chassis.database.bulk import among
from chassis.database.listing import Listing
from chassis.database.statements import Prepared, bindparam
from services.membership.cases.models import Case, ConductReport
from services.membership.cases.rules import UNDECIDED
from services.membership.penalties.occasions import PartiesSought, ReviewedSought
from services.membership.roster.models import Member, RoleGrant
from services.membership.roster.queries import in_force
from services.membership.roster.rules import WORK_CASES

MANY = timedelta(hours=24)

_OF_THING: Prepared[Any] = Prepared(
    select(Case)
    .where(
        col(Case.community_id) == bindparam("community_id"),
        col(Case.member_id) == bindparam("member_id"),
        col(Case.object_kind) == bindparam("kind"),
        col(Case.object_id) == bindparam("object_id"),
    )
    .with_for_update()
)
_OF_NOTHING: Prepared[Any] = Prepared(
    select(Case)
    .where(
        col(Case.member_id) == bindparam("member_id"),
        col(Case.object_id).is_(None),
        col(Case.status).in_(sorted(UNDECIDED)),
    )
    .with_for_update()
)
_OUTCOMES: Prepared[Any] = Prepared(
    select(
        func.count().filter(col(ConductReport.outcome) == "confirmed").label("confirmed"),
        func.count().filter(col(ConductReport.outcome) == "dismissed").label("dismissed"),
        func.count().filter(col(ConductReport.reported_at) > bindparam("lately")).label("lately"),
    ).where(col(ConductReport.reporter_id) == bindparam("reporter_id"))
)
_REPORT: Prepared[Any] = Prepared(
    select(ConductReport).where(
        col(ConductReport.case_id) == bindparam("case_id"), col(ConductReport.reporter_id) == bindparam("reporter_id")
    )
)


async def case_of(
    session: AsyncSession, community_id: UUID, member_id: UUID, thing: tuple[str, UUID] | None
) -> Case | None:
    """The case about a member and a thing, or the one that nobody has decided where there is no thing; locked."""
    if thing is None:
        found = await _OF_NOTHING.load(session, again=True, member_id=member_id)
    else:
        found = await _OF_THING.load(
            session, again=True, community_id=community_id, member_id=member_id, kind=thing[0], object_id=thing[1]
        )
    return found[0] if found else None


async def outcomes_of(session: AsyncSession, reporter_id: UUID, now: datetime) -> tuple[int, int, int]:
    """How many of a member's reports were confirmed, how many dismissed, and how many they made within the last day."""
    row = await _OUTCOMES.one(session, reporter_id=reporter_id, lately=now - MANY)
    return row.confirmed, row.dismissed, row.lately


async def reported_since(session: AsyncSession, reporter_id: UUID, many: int) -> datetime:
    """Since when a member has made so many reports; they made as many."""
    newest = select(col(ConductReport.reported_at)).where(col(ConductReport.reporter_id) == reporter_id)
    found = newest.order_by(col(ConductReport.reported_at).desc()).offset(many - 1).limit(1)
    moment: datetime = (await session.execute(found)).scalar_one()
    return moment


async def report_of(session: AsyncSession, case_id: UUID, reporter_id: UUID) -> ConductReport | None:
    """What a member reported of a case."""
    found = await _REPORT.load(session, case_id=case_id, reporter_id=reporter_id)
    return found[0] if found else None


async def reported_among(session: AsyncSession, sought: PartiesSought) -> Sequence[UUID]:
    """Which of these cases a member reported."""
    wanted = among(session, col(ConductReport.case_id), sought.case_ids)
    found = select(col(ConductReport.case_id)).where(col(ConductReport.reporter_id) == sought.member_id, wanted)
    return (await session.execute(found)).scalars().all()


async def reviewed_among(session: AsyncSession, sought: ReviewedSought) -> Sequence[UUID]:
    """Which of these cases a person decided whom an administrator had appointed for it."""
    found = select(col(Case.id), col(Case.reviewer_id), col(Case.decided_by)).where(
        among(session, col(Case.id), sought.case_ids), col(Case.reviewer_id).is_not(None)
    )
    rows = await session.execute(found)
    return [case_id for case_id, reviewer_id, by in rows if by == f"person:{reviewer_id}"]


async def others_may_decide(session: AsyncSession, case: Case, now: datetime) -> bool:
    """Whether somebody in the community may work the case: a moderator, operator or owner who is no party to it."""
    found = select(col(Case.id)).where(col(Case.id) == case.id, somebody_may_decide(now))
    return (await session.execute(found)).first() is not None


def somebody_may_decide(now: datetime) -> ColumnElement[bool]:
    """Whether a moderator, operator or owner of its community is no party to a case; for statements about cases."""
    able = (
        select(col(RoleGrant.member_id))
        .join(Member, col(Member.id) == col(RoleGrant.member_id))
        .where(
            col(RoleGrant.community_id) == col(Case.community_id),
            in_force(sorted(WORK_CASES), now),
            col(RoleGrant.member_id) != col(Case.member_id),
            ~_reported(col(Case.id), col(RoleGrant.member_id)),
            col(Member.status).in_(["active", "muted"]),
        )
        .correlate(Case)
    )
    return able.exists()


def _reported(case_id: Any, member_id: Any) -> ColumnElement[bool]:
    of_them = exists().where(col(ConductReport.case_id) == case_id, col(ConductReport.reporter_id) == member_id)
    # In a statement that changes cases, SQLAlchemy does not find by itself that those are meant.
    return of_them.correlate(Case, RoleGrant)


def _no_party(member_id: UUID) -> list[ColumnElement[bool]]:
    return [col(Case.member_id) != member_id, ~_reported(col(Case.id), member_id)]


def cases(
    *,
    community_id: UUID,
    member_id: UUID | None,
    reviewer_id: UUID | None,
    status: str | None,
    category: str | None,
    about: UUID | None,
    by_weight: bool,
) -> Listing:
    """The cases of a community that somebody may work: not those that they are a party to, nor those for a reviewer.

    With a reviewer only those that they were appointed to.
    """
    mine = true() if reviewer_id is None else col(Case.reviewer_id) == reviewer_id
    only: list[ColumnElement[bool]] = [col(Case.community_id) == community_id, mine]
    if reviewer_id is None:
        only.append(col(Case.for_reviewer).is_(False))
    if member_id is not None:
        only += _no_party(member_id)
    if status is not None:
        only.append(col(Case.status) == status)
    if category is not None:
        only.append(col(Case.category) == category)
    if about is not None:
        only.append(col(Case.member_id) == about)
    if by_weight:
        return Listing(select(Case).where(*only), [col(Case.weight).desc(), col(Case.id).asc()])
    return Listing(select(Case).where(*only), [col(Case.opened_at).desc(), col(Case.id).desc()])


def reports(case_id: UUID) -> Listing:
    """The reports of a case, the oldest first."""
    return Listing(
        select(ConductReport).where(col(ConductReport.case_id) == case_id),
        [col(ConductReport.reported_at).asc(), col(ConductReport.id).asc()],
    )


def for_reviewers() -> Listing:
    """The cases of all communities that only a reviewer may decide, and nobody has decided; the oldest first."""
    return Listing(
        select(Case).where(col(Case.for_reviewer).is_(True), col(Case.status).in_(sorted(UNDECIDED))),
        [col(Case.opened_at).asc(), col(Case.id).asc()],
    )


async def is_reviewer(session: AsyncSession, community_id: UUID, person_id: UUID) -> bool:
    """Whether a person was appointed to a case of the community."""
    found = select(col(Case.id)).where(col(Case.community_id) == community_id, col(Case.reviewer_id) == person_id)
    return (await session.execute(found.limit(1))).first() is not None


async def open_cases(session: AsyncSession, community_id: UUID, _now: datetime, member_id: UUID | None) -> Waiting:
    """The cases that nobody has claimed. Whoever is a party to one learns of it neither here nor in the list."""
    waiting = select(func.count(), func.min(col(Case.opened_at))).where(
        col(Case.community_id) == community_id, col(Case.status) == "open", col(Case.for_reviewer).is_(False)
    )
    if member_id is not None:
        waiting = waiting.where(*_no_party(member_id))
    count, oldest_at = (await session.execute(waiting)).one()
    return Waiting(count=count, oldest_at=oldest_at, href=f"/v1/cases?community_id={community_id}&status=open")


async def reports_of(session: AsyncSession, case_id: UUID) -> Sequence[ConductReport]:
    """The reports of a case that nobody has decided about, locked."""
    statement = select(ConductReport).where(col(ConductReport.case_id) == case_id, col(ConductReport.outcome).is_(None))
    return (await session.execute(statement.order_by(col(ConductReport.id)).with_for_update())).scalars().all()
