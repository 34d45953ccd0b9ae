"""Who owns a community and can act: it never loses its last one."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from services.membership.people.models import Person
from services.membership.roster.models import Member, RoleGrant
from services.membership.roster.rules import status_at


async def other_owners(session: AsyncSession, *, community_id: UUID, member_id: UUID, now: datetime, lock: bool) -> int:
    """How many others own the community and can act. `lock` locks every owner's grant if one is to end, so that two owners cannot leave at once."""
    owners = await owners_in(session, [community_id], now, lock=lock)
    return others_of(member_id, owners[community_id])


async def count_owners(session: AsyncSession, *, community_id: UUID, now: datetime) -> int:
    """How many own the community and can act."""
    return len((await owners_in(session, [community_id], now))[community_id])


def others_of(member_id: UUID, owners: Collection[UUID]) -> int:
    """How many owners there are beside a member."""
    return sum(1 for owner_id in owners if owner_id != member_id)


async def owners_in(
    session: AsyncSession, community_ids: Collection[UUID], now: datetime, *, lock: bool = False
) -> dict[UUID, list[UUID]]:
    """Who owns each of the communities, without those who are suspended, here or in the company."""
    owners = (
        select(RoleGrant, col(Member.status), col(Member.status_until), col(Person.status))
        .join(Member, col(Member.id) == col(RoleGrant.member_id))
        .join(Person, col(Person.id) == col(Member.person_id))
        .where(
            col(RoleGrant.community_id).in_(community_ids),
            col(RoleGrant.role) == "owner",
            col(RoleGrant.revoked_at).is_(None),
        )
        .order_by(col(RoleGrant.id))
    )
    if lock:
        owners = owners.with_for_update(of=RoleGrant).execution_options(populate_existing=True)
    found: dict[UUID, list[UUID]] = {community_id: [] for community_id in community_ids}
    for grant, status, until, person_status in await session.execute(owners):
        if status_at(status, until, now) != "suspended" and person_status == "active":
            found[grant.community_id].append(grant.member_id)
    return found
