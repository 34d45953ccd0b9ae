"""Reading appeals."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.contributions import Waiting
from chassis.database.listing import Listing
from chassis.database.statements import Prepared
from services.membership.appeals.models import Appeal, PenaltyAnswer, Removal
from services.membership.penalties.models import Penalty
from services.membership.penalties.occasions import AppealsSought
from services.membership.people.models import Person
from services.membership.roster.models import Member, RoleGrant

_ANSWERS: Prepared[Any] = Prepared(
    lambda on: select(PenaltyAnswer).where(on.among(col(PenaltyAnswer.penalty_id), "ids"))
)


async def answers_of(session: AsyncSession, penalty_ids: Collection[UUID]) -> dict[UUID, dict[str, PenaltyAnswer]]:
    """What services answered about these penalties, by penalty and service."""
    found: dict[UUID, dict[str, PenaltyAnswer]] = {}
    for one in await _ANSWERS.load(session, ids=list(penalty_ids)):
        found.setdefault(one.penalty_id, {})[one.service] = one
    return found


_AGAINST: Prepared[Any] = Prepared(
    lambda on: select(col(Appeal.object_id), col(Appeal.id)).where(
        col(Appeal.object_kind) == "penalty", on.among(col(Appeal.object_id), "ids")
    )
)


async def appeals_against(session: AsyncSession, sought: AppealsSought) -> dict[UUID, UUID]:
    """The appeals against these penalties, by penalty."""
    return dict(await _AGAINST.all(session, ids=list(sought.penalty_ids)))


_PEOPLE: Prepared[Any] = Prepared(
    lambda on: select(col(Member.id), col(Member.person_id)).where(on.among(col(Member.id), "ids"))
)


async def people_of(session: AsyncSession, member_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Who these members are, as people."""
    return dict(await _PEOPLE.all(session, ids=list(member_ids)))


def listing(*only: ColumnElement[bool]) -> Listing:
    """Appeals for which this holds, the oldest first."""
    return Listing(select(Appeal).where(*only), [col(Appeal.created_at).asc(), col(Appeal.id).asc()])


def stands() -> ColumnElement[bool]:
    """What is appealed against was not taken back meanwhile."""
    undone = select(col(Penalty.id)).where(col(Penalty.id) == col(Appeal.object_id), col(Penalty.undone).is_(True))
    seen_again = select(col(Removal.id)).where(
        col(Removal.id) == col(Appeal.object_id), col(Removal.ended_at).is_not(None)
    )
    return and_(~exists(undone), ~exists(seen_again))


def runs_it(community_id: Any, now: datetime) -> Any:
    """The people who may decide appeals in a community now: active operators and owners, by member."""
    lasting = or_(col(RoleGrant.until).is_(None), col(RoleGrant.until) > now)
    return (
        select(col(Person.id))
        .join(Member, col(Member.person_id) == col(Person.id))
        .join(RoleGrant, col(RoleGrant.member_id) == col(Member.id))
        .where(
            col(Member.community_id) == community_id,
            or_(col(Member.status) == "active", and_(col(Member.status_until) <= now)),
            col(Person.status) == "active",
            col(RoleGrant.role).in_(["operator", "owner"]),
            col(RoleGrant.revoked_at).is_(None),
            lasting,
        )
    )


async def runners_of(session: AsyncSession, community_id: UUID, now: datetime) -> set[str]:
    """The actors of those who may decide appeals in a community now: few, since owners and operators are."""
    rows = await session.execute(runs_it(community_id, now).distinct().limit(200))
    return {f"person:{person_id}" for (person_id,) in rows}


async def is_reviewer(session: AsyncSession, community_id: UUID, person_id: UUID) -> bool:
    """Whether a person was appointed to an appeal in the community."""
    found = select(col(Appeal.id)).where(col(Appeal.community_id) == community_id, col(Appeal.reviewer_id) == person_id)
    return (await session.execute(found.limit(1))).first() is not None


async def undecided(session: AsyncSession, community_id: UUID, now: datetime, _member_id: UUID | None) -> Waiting:
    """The appeals that nobody has decided."""
    is_open = and_(col(Appeal.community_id) == community_id, col(Appeal.status) == "open", stands())
    overdue = func.count().filter(col(Appeal.due_at) <= now)
    count, oldest_at, late = (
        await session.execute(select(func.count(), func.min(col(Appeal.created_at)), overdue).where(is_open))
    ).one()
    return Waiting(
        count=count, oldest_at=oldest_at, overdue=late, href=f"/v1/appeals?community_id={community_id}&status=open"
    )
