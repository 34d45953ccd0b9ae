"""Roles that a level grants: given and ended as gamification tells of levels; what a person gave stays."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import among, upsert_many
from chassis.database.context import SYSTEM_ACTOR, moment_of
from chassis.messaging.handlers import Received
from services.membership.role_grants.models import MemberPerks
from services.membership.role_grants.service import end_grant_of, grants_in_force
from services.membership.roster.joining import change_roles, lock_member, still_a_member
from services.membership.roster.models import Member, RoleGrant

PERKS: Final = frozenset({"mentor", "lecturer"})
"""No level grants another role, whatever a message says."""

_perks: Any = MemberPerks.__table__  # type: ignore[attr-defined]


async def follow_levels(session: AsyncSession, messages: Sequence[Received[Any]]) -> None:
    """Give the roles that a level newly grants, and end those that it no longer does; the newest message about a member counts.

    A role that somebody revoked is not given again until the member has lost the level and reached it anew.
    """
    newest: dict[UUID, Received[Any]] = {}
    for message in messages:
        known = newest.get(message.data.member_id)
        if known is None or message.version > known.version:
            newest[message.data.member_id] = message
    kept = await _kept(session, newest)
    changed: dict[UUID, tuple[frozenset[str], frozenset[str]]] = {}
    for member_id, message in newest.items():
        before, version = kept.get(member_id, (frozenset(), 0))
        if message.version > version:
            changed[member_id] = (before, PERKS & set(message.data.granted_roles))
    moving = [member_id for member_id, (before, after) in changed.items() if before != after]
    there = select(col(Member.id)).where(among(session, col(Member.id), moving)).order_by(col(Member.id))
    for member_id in (await session.execute(there)).scalars().all() if moving else ():
        await _move(session, member_id, *changed[member_id], moment_of(session))
    rows = [
        {"member_id": member_id, "roles": sorted(after), "version": newest[member_id].version}
        for member_id, (_, after) in sorted(changed.items())
    ]
    await upsert_many(session, _perks, rows, key=["member_id"], update=["roles", "version"])


async def _kept(
    session: AsyncSession, members: Sequence[UUID] | dict[UUID, Any]
) -> dict[UUID, tuple[frozenset[str], int]]:
    """What was told last of each member, locked, so that of two batches about one the second sees what the first wrote."""
    statement = (
        select(_perks).where(among(session, _perks.c.member_id, members)).order_by(_perks.c.member_id).with_for_update()
    )
    return {row.member_id: (frozenset(row.roles), row.version) for row in await session.execute(statement)}


async def _move(
    session: AsyncSession, member_id: UUID, before: frozenset[str], after: frozenset[str], now: datetime
) -> None:
    member, person = await lock_member(session, member_id)
    if not still_a_member(member):
        return
    grants = await grants_in_force(session, member)
    for grant in grants:
        if grant.role in before - after and grant.cause == "perk":
            await end_grant_of(session, grant, by=SYSTEM_ACTOR, at=now)
        elif grant.until is not None and grant.until <= now:
            # Its end has come, but nothing has recorded it yet.
            await end_grant_of(session, grant, by=SYSTEM_ACTOR, at=grant.until)
    held = {grant.role for grant in grants if grant.revoked_at is None}
    for role in sorted(after - before - held):
        given = RoleGrant(
            community_id=member.community_id,
            member_id=member.id,
            role=role,
            cause="perk",
            given_by=SYSTEM_ACTOR,
            since=now,
        )
        session.add(given)
        grants.append(given)
    await change_roles(session, member=member, person=person, grants=grants, at=now)
