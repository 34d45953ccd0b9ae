"""Reading the roster."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.listing import Listing
from chassis.database.statements import Prepared, bindparam
from chassis.problems import NOT_FOUND
from chassis.web.schemas import MemberEmbed
from chassis.web.spans import Bounds, within
from services.membership.departments.models import Department
from services.membership.departments.queries import below
from services.membership.people.models import Person, PersonSearchKey
from services.membership.people.names import search_key
from services.membership.roster.models import Member, RoleGrant, ShortMute
from services.membership.roster.rules import ENDED, TIMED
from services.membership.roster.schemas import embedded

Sort = Literal["joined_at", "-joined_at", "name"]


_NAMED = select(Member, Person).join(Person, col(Person.id) == col(Member.person_id))
_PLACED = select(Member, Person, col(Department.name)).join(Person, col(Person.id) == col(Member.person_id))
_PLACED = _PLACED.outerjoin(Department, col(Department.code) == col(Person.department_code))
_ONE: Prepared[Any] = Prepared(_NAMED.where(col(Member.id) == bindparam("member_id")))
_OF_PERSON: Prepared[Any] = Prepared(
    _PLACED.where(
        col(Member.community_id) == bindparam("community_id"), col(Member.person_id) == bindparam("person_id")
    )
)
_THESE: Prepared[Any] = Prepared(lambda on: _PLACED.where(on.among(col(Member.id), "ids")))
_LAST_MUTE = Prepared(
    select(ShortMute)
    .where(col(ShortMute.member_id) == bindparam("member_id"))
    .order_by(col(ShortMute.given_at).desc(), col(ShortMute.id).desc())
    .limit(1)
)


_LAST_MUTES: Prepared[Any] = Prepared(
    lambda on: (
        select(col(ShortMute.member_id), func.max(col(ShortMute.given_at)).label("given_at"))
        .where(on.among(col(ShortMute.member_id), "ids"))
        .group_by(col(ShortMute.member_id))
    )
)


async def last_mutes(session: AsyncSession, member_ids: Collection[UUID]) -> dict[UUID, datetime]:
    """When each of these members was last muted for a short time, of those who were."""
    return {row.member_id: row.given_at for row in await _LAST_MUTES.all(session, ids=list(member_ids))}


async def member_and_person(session: AsyncSession, member_id: UUID) -> tuple[Member, Person]:
    """One member with the person it is. Raises `NOT_FOUND`."""
    found = await _ONE.load(session, member_id=member_id)
    if not found:
        raise NOT_FOUND()
    return found[0][0], found[0][1]


async def last_short_mute(session: AsyncSession, member_id: UUID) -> ShortMute | None:
    """The newest short mute of a member, over or not."""
    found = await _LAST_MUTE.load(session, member_id=member_id)
    return found[0] if found else None


async def embedded_by_actor(session: AsyncSession, community_id: UUID, actor: str, now: datetime) -> MemberEmbed | None:
    """The member of a community behind an actor, `person:<id>`."""
    kind, _, person_id = actor.partition(":")
    if kind != "person":
        return None
    row = await _OF_PERSON.first(session, community_id=community_id, person_id=UUID(person_id))
    return embedded(row[0], row[1], now, row[2]) if row else None


async def embedded_by_id(session: AsyncSession, member_ids: Collection[UUID], now: datetime) -> dict[UUID, MemberEmbed]:
    """These members as every answer names them."""
    found = await _THESE.all(session, ids=list(member_ids))
    return {member.id: embedded(member, person, now, department) for member, person, department in found}


def roster(
    *,
    community_id: UUID,
    now: datetime,
    only_person: UUID | None = None,
    candid_about: UUID | None = None,
    person_id: UUID | None = None,
    q: str | None = None,
    department: str | None = None,
    joined: Bounds = (None, None),
    role: str | None = None,
    status: str | None = None,
    cohort_id: UUID | None = None,
    sort: Sort = "joined_at",
) -> Listing:
    """The members of a community; without a status those whose membership stands. `q` is a name, number or pinyin.

    `department` is meant with everything below it; `joined` is between when.
    `candid_about` is the person who reads, if they read only their own status as it is: others are found by what they look like.
    """
    statement: Select[*tuple[Any, ...]] = (
        select(Member, Person)
        .join(Person, col(Person.id) == col(Member.person_id))
        .where(col(Member.community_id) == community_id)
        .where(_of_status(status, now, candid_about), *within(col(Member.joined_at), joined))
    )
    for wanted_person in (only_person, person_id):
        if wanted_person is not None:
            statement = statement.where(col(Member.person_id) == wanted_person)
    if department is not None:
        statement = statement.where(col(Person.department_code).in_(below(department)))
    if cohort_id is not None:
        statement = statement.where(col(Member.cohort_id) == cohort_id)
    if role is not None:
        statement = statement.where(_holds(role, now))
    if q is not None and (wanted := search_key(q)):
        key = col(PersonSearchKey.key)
        # A range of the index, which compares byte by byte; LIKE would not use it everywhere.
        found = select(col(PersonSearchKey.person_id)).where(key >= wanted, key < wanted + "\U0010ffff")
        statement = statement.where(col(Member.person_id).in_(found))
    return Listing(statement, _order(sort))


def _order(sort: Sort) -> list[ColumnElement[Any]]:
    """By name means by pinyin."""
    if sort == "name":
        return [col(Person.sort_key).asc(), col(Member.id).asc()]
    if sort == "-joined_at":
        return [col(Member.joined_at).desc(), col(Member.id).desc()]
    return [col(Member.joined_at).asc(), col(Member.id).asc()]


def effective_status(now: datetime) -> ColumnElement[Any]:
    """The status by the clock, in SQL: what `status_at` says of one row."""
    over = and_(col(Member.status).in_(TIMED), col(Member.status_until) <= now)
    return case((over, "active"), else_=col(Member.status))


def _of_status(status: str | None, now: datetime, candid_about: UUID | None) -> ColumnElement[bool]:
    if status is None:
        return col(Member.status).not_in(ENDED)
    effective = effective_status(now)
    if candid_about is None:
        return effective == status
    looks = case((effective.in_(TIMED), "active"), (effective == "expelled", "left"), else_=effective)
    return case((col(Member.person_id) == candid_about, effective), else_=looks) == status


def _holds(role: str, now: datetime) -> ColumnElement[bool]:
    return exists().where(
        col(RoleGrant.member_id) == col(Member.id),
        in_force([role], now),
    )


def in_force(roles: Sequence[str], now: datetime) -> ColumnElement[bool]:
    """Whether a grant gives one of these roles at a moment."""
    return and_(
        col(RoleGrant.role).in_(roles),
        col(RoleGrant.since) <= now,
        col(RoleGrant.revoked_at).is_(None),
        or_(col(RoleGrant.until).is_(None), col(RoleGrant.until) > now),
    )
