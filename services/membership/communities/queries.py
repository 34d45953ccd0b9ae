"""Reading communities: which ones a caller may know of."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select, true
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.listing import Listing
from chassis.database.rows import existing
from chassis.security.caller import Caller
from services.membership.communities.models import Charter, Community
from services.membership.people.models import Person
from services.membership.roster.joining import find_member
from services.membership.roster.models import Member, RoleGrant
from services.membership.roster.queries import effective_status, in_force


def communities(caller: Caller | None, *, mine: bool, status: str | None, kind: str | None, now: datetime) -> Listing:
    """The communities that a list shows this caller, the newest first."""
    statement = known_to(caller, mine=mine, now=now)
    if status is not None:
        statement = statement.where(col(Community.status) == status)
    if kind is not None:
        statement = statement.where(col(Community.kind) == kind)
    return Listing(statement, [col(Community.created_at).desc(), col(Community.id).desc()])


def charters(community_id: UUID) -> Listing:
    """The versions of a community's charter, the newest first."""
    return Listing(select(Charter).where(col(Charter.community_id) == community_id), [col(Charter.version).desc()])


async def charter(session: AsyncSession, community_id: UUID, version: int) -> Charter:
    """One version of a charter. Raises `NOT_FOUND`."""
    return await existing(session, Charter, (community_id, version))


async def suspended_from(session: AsyncSession, caller: Caller, community_id: UUID, now: datetime) -> Community | None:
    """The community, if the caller is suspended from it now."""
    if caller.kind != "person":
        return None
    member = await find_member(session, community_id=community_id, person_id=caller.id)
    if member is None or member.status_at(now) != "suspended":
        return None
    return await session.get_one(Community, community_id)


def known_to(caller: Caller | None, *, mine: bool, now: datetime, suspended_too: bool = False) -> Select[Community]:
    """The communities that a list shows this caller: by visibility, by membership, drafts to those who work on them.

    Suspended members do not see their community, unless `suspended_too`: then they see what everybody else sees.
    """
    statement = select(Community)
    if mine:
        return statement.where(_member_of(caller, now))
    return statement.where(_visible_to(caller, now, suspended_too=suspended_too))


def _visible_to(caller: Caller | None, now: datetime, *, suspended_too: bool) -> ColumnElement[bool]:
    published = col(Community.status) != "draft"
    public = and_(published, col(Community.visibility) == "public")
    if caller is None:
        return public
    if caller.kind == "service":
        return true() if caller.community_ids is None else col(Community.id).in_(caller.community_ids)
    if caller.is_admin:
        return true()
    employee = exists().where(col(Person.id) == caller.id, col(Person.kind) == "employee")
    internal = and_(published, col(Community.visibility) == "internal", employee)
    visible = or_(public, internal, _member_of(caller, now))
    return visible if suspended_too else and_(visible, ~_suspended_in(caller.id, now))


def _member_of(caller: Caller | None, now: datetime) -> ColumnElement[bool]:
    if caller is None:
        return ~true()
    is_member = and_(
        col(Member.community_id) == col(Community.id),
        col(Member.person_id) == caller.id,
        effective_status(now).in_(["active", "muted"]),
    )
    works_on_it = exists().where(
        is_member,
        col(RoleGrant.member_id) == col(Member.id),
        in_force(["owner", "operator"], now),
    )
    return or_(and_(col(Community.status) != "draft", exists().where(is_member)), works_on_it)


def _suspended_in(person_id: UUID, now: datetime) -> ColumnElement[bool]:
    return exists().where(
        col(Member.community_id) == col(Community.id),
        col(Member.person_id) == person_id,
        effective_status(now) == "suspended",
    )
