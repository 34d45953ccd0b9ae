"""Reading invitations."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.listing import Listing
from chassis.database.statements import Prepared, bindparam
from services.membership.communities.models import Community
from services.membership.entering.models import InvitationUse, MemberInvitation
from services.membership.entering.rules import State
from services.membership.people.models import Person
from services.membership.roster.models import Member

_ORDER: list[ColumnElement[Any]] = [col(MemberInvitation.created_at).desc(), col(MemberInvitation.id).desc()]
_BY_HASH = Prepared(
    select(col(MemberInvitation.id)).where(col(MemberInvitation.secret_hash) == bindparam("secret_hash"))
)
_USED = Prepared(
    select(col(InvitationUse.member_id)).where(
        col(InvitationUse.invitation_id) == bindparam("invitation_id"),
        col(InvitationUse.person_id) == bindparam("person_id"),
    )
)
_COMMUNITY = Prepared(
    # Nobody archives the community or changes how it is joined until whoever comes in is in; others may come in meanwhile.
    select(Community).where(col(Community.id) == bindparam("community_id")).with_for_update(read=True)
)
_COMMUNITIES: Prepared[Any] = Prepared(lambda on: select(Community).where(on.among(col(Community.id), "ids")))
_PEOPLE: Prepared[Any] = Prepared(
    lambda on: select(col(Person.id), col(Person.display_name)).where(on.among(col(Person.id), "ids"))
)
_WITH_EMAIL = Prepared(
    select(col(Person.id)).where(col(Person.email) == bindparam("email"), col(Person.status) == "active")
)


async def held(session: AsyncSession, community_id: UUID) -> Community | None:
    """The community, which stays as it is until the transaction ends."""
    found = await _COMMUNITY.load(session, again=True, community_id=community_id)
    return found[0] if found else None


async def id_of(session: AsyncSession, secret_hash: str) -> UUID | None:
    """Which invitation has this link."""
    return await _BY_HASH.first(session, secret_hash=secret_hash)


async def has_used(session: AsyncSession, invitation_id: UUID, person_id: UUID) -> bool:
    """Whether somebody became a member by this invitation before."""
    return await _USED.first(session, invitation_id=invitation_id, person_id=person_id) is not None


async def person_with(session: AsyncSession, email: str) -> UUID | None:
    """Who has this e-mail address now."""
    return await _WITH_EMAIL.first(session, email=email)


async def communities_of(session: AsyncSession, rows: Sequence[MemberInvitation]) -> dict[UUID, Any]:
    """The communities of these invitations, by id."""
    found = await _COMMUNITIES.all(session, ids=list({row.community_id for row in rows}))
    return {one.id: one for one in found}


async def people_of(session: AsyncSession, rows: Sequence[MemberInvitation]) -> dict[UUID | None, Any]:
    """Who is invited by these in their own name, by id."""
    ids = {row.person_id for row in rows if row.person_id is not None}
    return {one.id: one for one in await _PEOPLE.all(session, ids=list(ids))} if ids else {}


def of_community(community_id: UUID, *, state: State | None, now: datetime) -> Listing:
    """The invitations to a community, the newest first; of those with a state where one is asked for."""
    statement = select(MemberInvitation).where(col(MemberInvitation.community_id) == community_id)
    return Listing(statement if state is None else statement.where(_is(state, now)), _ORDER)


def of_person(person: Person, now: datetime) -> Listing:
    """What somebody is invited to in their own name and could accept, the newest first."""
    theirs = col(MemberInvitation.person_id) == person.id
    if person.email is not None:
        theirs = or_(theirs, col(MemberInvitation.email) == person.email)
    there = and_(col(Community.id) == col(MemberInvitation.community_id), col(Community.status) == "open")
    # Who came in by another way has nothing left to accept, and who was expelled may not.
    in_or_out = (
        select(col(Member.id))
        .where(
            col(Member.community_id) == col(MemberInvitation.community_id),
            col(Member.person_id) == person.id,
            col(Member.status) != "left",
        )
        .exists()
    )
    statement = select(MemberInvitation).join(Community, there).where(theirs, ~in_or_out, _is("open", now))
    return Listing(statement, _ORDER)


def _is(state: State, now: datetime) -> ColumnElement[bool]:
    """What `state_at` says, in SQL."""
    revoked = col(MemberInvitation.revoked_at).is_not(None)
    used_up = col(MemberInvitation.used) >= col(MemberInvitation.uses)
    expired = col(MemberInvitation.expires_at) <= now
    return {
        "revoked": revoked,
        "used_up": and_(~revoked, used_up),
        "expired": and_(~revoked, ~used_up, expired),
        "open": and_(~revoked, ~used_up, ~expired),
    }[state]
