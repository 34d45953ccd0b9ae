"""A member's status as their sanctions have it: written down, told, and dated when it was due."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from contracts.membership import MemberBefore, MemberJoined
from services.membership.people.models import Person
from services.membership.roster.holding import holds_of
from services.membership.roster.joining import end_membership, tell, tell_sanction
from services.membership.roster.models import Member, RoleGrant
from services.membership.roster.occasions import (
    MemberConcerned,
    MembershipRestored,
    Returned,
    membership_restored,
    running_begun,
)
from services.membership.roster.rules import RUN_IT, TIMED


async def settle(
    session: AsyncSession, member: Member, person: Person, *, now: datetime, returns: bool = False
) -> Sequence[Returned]:
    """Write down and tell what a locked member may not do as of a moment, where that is not what stands there.

    Who is expelled is a member no more; of who had left before, only the record says so. `returns`: an expulsion that is taken back had
    ended their membership, which goes on, with what had ended with it: that is answered.
    """
    hold = (await holds_of(session, [member], now)).get(member.id)
    expelled = hold is not None and hold.status == "expelled"
    if member.status == "left":
        if expelled:
            member.status = "expelled"
        return ()
    if expelled:
        if member.status != "expelled":
            await end_membership(session, member=member, person=person, status="expelled", now=now)
        return ()
    restored = None
    if member.status == "expelled":
        if not returns or member.ended_at is None or person.status in ("left", "erased"):
            member.status = "left"
            return ()
        restored = MembershipRestored(member, person, member.ended_at, now)
        await _take_back(session, member, person, now)
    if member.take_hold(hold):
        await tell_sanction(session, member, at=now)
    if restored is None:
        return ()
    await session.flush()
    return await membership_restored.happened(session, restored)


async def settle_due(session: AsyncSession, member: Member, person: Person, *, now: datetime) -> None:
    """Record that what a locked member may not do is over, as of when it was: what is weaker and lasts longer comes next."""
    while member.status in TIMED and member.status_until is not None and member.status_until <= now:
        await settle(session, member, person, now=member.status_until)


async def _take_back(session: AsyncSession, member: Member, person: Person, now: datetime) -> None:
    """Let a membership go on that an expulsion had ended, with the roles that ended with it."""
    ended = select(RoleGrant).where(col(RoleGrant.member_id) == member.id, col(RoleGrant.revoked_at) == member.ended_at)
    grants = [
        RoleGrant(
            community_id=member.community_id,
            member_id=member.id,
            role=one.role,
            cause=one.cause,
            given_by=one.given_by,
            since=now,
            until=one.until,
        )
        for one in (await session.execute(ended.order_by(col(RoleGrant.id)))).scalars()
        if one.until is None or one.until > now
    ]
    session.add_all(grants)
    member.status, member.ended_at, member.recorded_at = "active", None, now
    member.roles = {one.role: one.until.isoformat() if one.until else None for one in grants}
    await tell(session, MemberJoined, member, person, at=now, before=MemberBefore(status="left"))
    if not RUN_IT.isdisjoint(member.roles):
        await session.flush()
        await running_begun.happened(session, MemberConcerned(member, person, now))
