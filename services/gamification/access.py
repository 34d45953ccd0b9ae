"""May this caller see what belongs to a member: the object side of authorization, for paths that name a member."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.context import context_of
from chassis.problems import NOT_FOUND, SESSION_REVOKED
from chassis.security.authority import authorize
from chassis.security.caller import Caller
from chassis.security.permissions import Permission
from services.gamification.embeds import LEFT_STATUSES, KnownMember, known_member


async def member_for(
    session: AsyncSession,
    caller: Caller,
    wanted: Permission,
    member_id: UUID,
    now: datetime,
    *,
    former_too: bool = False,
) -> KnownMember:
    """The member, if the permission reaches what is his; `former_too` lets one who left or was expelled read his own.

    Raises `NOT_FOUND` where nobody has heard of him, else what `authorize` raises.
    """
    member = await known_member(session, member_id)
    if member is None:
        raise NOT_FOUND()
    own = caller.kind == "person" and caller.id == member.person_id
    if own and former_too and member.status in LEFT_STATUSES - {"erased"}:
        authority = context_of(session).runtime.authority
        facts = await authority.facts(
            session, person_id=caller.id, community_id=member.community_id, guarded=False, now=now
        )
        if facts is None or facts.person_status not in {None, "active"}:
            raise SESSION_REVOKED()
        return member
    await authorize(session, caller, wanted, member.community_id, own=own, now=now)
    return member


async def caught_up_at(session: AsyncSession, now: datetime) -> datetime:
    """Up to when everything that other services recorded has arrived here: the `as_of` of what follows by message."""
    progress = context_of(session).tables.messaging.consumer_progress
    mark: datetime | None = (await session.execute(select(func.min(progress.c.caught_up_at)))).scalar_one_or_none()
    return min(now, mark) if mark is not None else now
