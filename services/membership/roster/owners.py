"""Who owns a community and can act: it never loses its last one."""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import Prepared
from services.membership.people.models import Person
from services.membership.roster.models import Member, RoleGrant
from services.membership.roster.rules import status_at


async def other_owners(session: AsyncSession, *, community_id: UUID, member_id: UUID, now: datetime, lock: bool) -> int:
    """How many others own the community and can act. `lock` locks every owner's grant if one is to end, so that two owners cannot leave at once."""
    owners = await owners_in(session, [community_id], now, lock=lock)
    return others_of(member_id, owners[community_id])


def others_of(member_id: UUID, owners: Collection[UUID]) -> int:
    """How many owners there are beside a member."""
    return sum(1 for owner_id in owners if owner_id != member_id)


def _grants(among: Callable[[Any], ColumnElement[bool]]) -> Select[*tuple[Any, ...]]:
    """Of the communities that `among` tells, by their column, the owners' grants with what decides whether they can act."""
    found: Select[*tuple[Any, ...]] = (
        select(RoleGrant, col(Member.status), col(Member.status_until), col(Person.status).label("person_status"))
        .join(Member, col(Member.id) == col(RoleGrant.member_id))
        .join(Person, col(Person.id) == col(Member.person_id))
        .where(among(col(RoleGrant.community_id)), col(RoleGrant.role) == "owner", col(RoleGrant.revoked_at).is_(None))
        .order_by(col(RoleGrant.id))
    )
    return found


_GRANTS: Prepared[Any] = Prepared(lambda on: _grants(lambda column: on.among(column, "community_ids")))


async def owners_in(
    session: AsyncSession, community_ids: Collection[UUID], now: datetime, *, lock: bool = False
) -> dict[UUID, list[UUID]]:
    """Who owns each of the communities, without those who are suspended, here or in the company."""
    rows: Iterable[Any]
    if lock:
        owners = _grants(lambda column: column.in_(community_ids)).with_for_update(of=RoleGrant)
        rows = await session.execute(owners.execution_options(populate_existing=True))
    else:
        rows = await _GRANTS.all(session, community_ids=list(community_ids))
    found: dict[UUID, list[UUID]] = {community_id: [] for community_id in community_ids}
    for grant, status, until, person_status in rows:
        if status_at(status, until, None, now) != "suspended" and person_status == "active":
            found[grant.community_id].append(grant.member_id)
    return found
