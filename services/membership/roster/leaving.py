"""What becomes of memberships when people leave the company."""

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import AuditObject, audit
from services.membership.people.models import Person
from services.membership.people.occasions import PeopleConcerned
from services.membership.roster.joining import end_membership
from services.membership.roster.models import Member
from services.membership.roster.owners import count_owners


async def end_memberships(session: AsyncSession, gone: PeopleConcerned) -> None:
    """End every live membership of theirs. Even the last owner goes then, and the audit says so to administrators."""
    for person_id in gone.ids:
        person = await session.get_one(Person, person_id)
        found = await session.execute(
            select(Member)
            .where(col(Member.person_id) == person_id, col(Member.status).not_in(["left", "expelled"]))
            .order_by(col(Member.id))
            .with_for_update()
        )
        orphaned = []
        for member in found.scalars():
            owner = "owner" in member.roles_at(gone.at)
            await end_membership(session, member=member, person=person, status="left", now=gone.at)
            if owner and await count_owners(session, community_id=member.community_id, now=gone.at) == 0:
                orphaned.append(member.community_id)
        for community_id in orphaned:
            await audit(
                session,
                None,
                AuditObject("community", community_id, community_id),
                "community.left_without_owner",
                {},
                gone.at,
            )
