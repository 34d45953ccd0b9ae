"""What becomes of memberships when people leave the company."""

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import AuditObject, audit
from services.membership.people.models import Person
from services.membership.people.occasions import PeopleConcerned
from services.membership.roster.joining import end_membership
from services.membership.roster.models import Member
from services.membership.roster.owners import owners_in
from services.membership.roster.rules import ENDED


async def end_memberships(session: AsyncSession, gone: PeopleConcerned) -> None:
    """End every live membership of theirs. Even the last owner goes then, and the audit says so to administrators.

    All are locked before the first ends, in order of id, whosever they are: whoever locks two members of a community does it in that order.
    """
    found = await session.execute(
        select(Member, Person)
        .join(Person, col(Person.id) == col(Member.person_id))
        .where(col(Member.person_id).in_(gone.ids), col(Member.status).not_in(ENDED))
        .order_by(col(Member.id))
        .with_for_update(of=Member)
        .execution_options(populate_existing=True)
    )
    owned = set()
    for member, person in found.all():
        if "owner" in member.roles_at(gone.at):
            owned.add(member.community_id)
        await end_membership(session, member=member, person=person, status="left", now=gone.at)
    left = await owners_in(session, owned, gone.at) if owned else {}
    for community_id in sorted(one for one, owners in left.items() if not owners):
        await audit(
            session,
            None,
            AuditObject("community", community_id, community_id),
            "community.left_without_owner",
            {},
            gone.at,
        )
