"""Reading approvals: who manages whom, who stands in, and what waits for somebody."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.contributions import Waiting
from chassis.database.listing import Listing
from chassis.database.statements import Prepared, bindparam
from services.membership.applications.models import Application
from services.membership.approvals.models import Absence, Approval
from services.membership.campaigns.models import Campaign
from services.membership.departments.models import Department
from services.membership.departments.queries import refs
from services.membership.people.models import Person
from services.membership.roster.models import Member
from services.membership.roster.queries import effective_status

_MANAGERS: Prepared[Any] = Prepared(
    lambda on: (
        select(col(Department.code), col(Person.id))
        .join(Person, col(Person.employee_key) == col(Department.manager_employee_key))
        .where(on.among(col(Department.code), "codes"), col(Person.status) == "active")
    )
)
_AWAY: Prepared[Any] = Prepared(
    lambda on: (
        select(col(Absence.person_id), col(Absence.deputy_id))
        .join(Person, col(Person.id) == col(Absence.deputy_id))
        .where(
            on.among(col(Absence.person_id), "people"),
            col(Absence.since) <= bindparam("now"),
            col(Absence.until) > bindparam("now"),
            col(Person.status) == "active",
        )
    )
)
_MANAGES: Prepared[Any] = Prepared(
    select(
        exists().where(
            col(Department.manager_employee_key) == col(Person.employee_key), col(Person.id) == bindparam("person_id")
        )
    )
)
_ANSWERS: Prepared[Any] = Prepared(
    lambda on: select(col(Approval.application_id), col(Approval.outcome)).where(
        on.among(col(Approval.application_id), "ids")
    )
)
_ACTIVE: Prepared[Any] = Prepared(
    lambda on: select(col(Person.id)).where(on.among(col(Person.id), "ids"), col(Person.status) == "active")
)


async def managers_above(session: AsyncSession, code: str | None) -> list[tuple[str, UUID | None]]:
    """The departments from this one upwards, each with who manages it and is there."""
    found = (await refs(session, [code]))[code]
    if found is None:
        return []
    codes = [step.code for step in reversed(found.path)]
    managers = {row.code: row.id for row in await _MANAGERS.all(session, codes=codes)}
    return [(one, managers.get(one)) for one in codes]


async def deputies_of(session: AsyncSession, people: Collection[UUID], now: datetime) -> dict[UUID, UUID]:
    """Who stands in for each of these people, of those who are away."""
    rows = await _AWAY.all(session, people=list(people), now=now) if people else []
    return {row.person_id: row.deputy_id for row in rows}


async def manages_something(session: AsyncSession, person_id: UUID) -> bool:
    """Whether somebody manages a department."""
    return bool(await _MANAGES.one(session, person_id=person_id))


async def active_among(session: AsyncSession, ids: Collection[UUID]) -> set[UUID]:
    """Those of the people who are there."""
    return set(await _ACTIVE.all(session, ids=list(ids))) if ids else set()


async def answers_of(session: AsyncSession, application_ids: Sequence[UUID]) -> dict[UUID, str | None]:
    """What was answered about each of these applications, of those about which somebody was asked."""
    rows = await _ANSWERS.all(session, ids=list(application_ids))
    return {row.application_id: row.outcome for row in rows}


def _joined() -> Any:
    return (
        select(Approval, Application, Campaign)
        .join(Application, col(Application.id) == col(Approval.application_id))
        .join(Campaign, col(Campaign.id) == col(Application.campaign_id))
    )


_ONE: Prepared[Any] = Prepared(_joined().where(col(Approval.application_id) == bindparam("application_id")))


async def approval_of(session: AsyncSession, application_id: UUID) -> tuple[Approval, Application, Campaign] | None:
    """What is asked about an application."""
    found = await _ONE.load(session, application_id=application_id)
    return tuple(found[0]) if found else None


def waiting_for(person_id: UUID, now: datetime) -> Listing:
    """The approvals that wait for a manager, or for who stands in for one, the first due first."""
    stands_in = select(col(Absence.person_id)).where(
        col(Absence.deputy_id) == person_id, col(Absence.since) <= now, col(Absence.until) > now
    )
    statement = _joined().where(
        *_open(),
        or_(col(Approval.approver_id) == person_id, col(Approval.approver_id).in_(stands_in)),
        col(Application.person_id) != person_id,
        ~exists().where(
            col(Member.community_id) == col(Approval.community_id),
            col(Member.person_id) == person_id,
            effective_status(now) == "suspended",
        ),
    )
    return Listing(statement, [col(Approval.due_at).asc(), col(Approval.application_id).asc()])


def _open() -> list[ColumnElement[bool]]:
    return [
        col(Approval.outcome).is_(None),
        col(Application.state) == "approving",
        col(Campaign.status) != "archived",
    ]


async def passed(session: AsyncSession, community_id: UUID, now: datetime, _member_id: UUID | None) -> Waiting:
    """Approvals that wait for the owners: nobody else can give them, or had the time and did not."""
    there = exists().where(col(Person.id) == col(Approval.approver_id), col(Person.status) == "active")
    found = (
        select(func.count(), func.min(col(Approval.asked_at)))
        .select_from(Approval)
        .join(Application, col(Application.id) == col(Approval.application_id))
        .join(Campaign, col(Campaign.id) == col(Application.campaign_id))
        .where(
            col(Approval.community_id) == community_id,
            *_open(),
            or_(and_(col(Approval.due_at) <= now), ~there),
        )
    )
    count, oldest_at = (await session.execute(found)).one()
    href = f"/v1/applications?community_id={community_id}&state=approving"
    return Waiting(count=count, oldest_at=oldest_at, overdue=count, href=href)
