"""Reading the roster."""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import Bundle
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.avatars import avatars_in
from chassis.database.listing import GivenListing, Listing, PreparedListing
from chassis.database.statements import Prepared, bindparam
from chassis.problems import NOT_FOUND
from chassis.web.schemas import MemberEmbed
from chassis.web.spans import Bounds
from services.membership.departments.models import Department
from services.membership.departments.queries import below
from services.membership.people.models import Person, PersonSearchKey
from services.membership.people.names import search_key
from services.membership.roster.models import Member, RoleGrant, ShortMute
from services.membership.roster.rules import ENDED, TIMED, Muted
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
        select(
            col(ShortMute.member_id),
            func.max(col(ShortMute.given_at)).label("given_at"),
            func.max(case((col(ShortMute.ended_at).is_(None), col(ShortMute.until)))).label("until"),
        )
        .where(on.among(col(ShortMute.member_id), "ids"))
        .group_by(col(ShortMute.member_id))
    )
)


_LASTING_MUTES: Prepared[Any] = Prepared(
    lambda on: select(col(ShortMute.member_id), col(ShortMute.until)).where(
        on.among(col(ShortMute.member_id), "ids"),
        col(ShortMute.ended_at).is_(None),
        col(ShortMute.given_at) <= bindparam("at"),
        col(ShortMute.until) > bindparam("at"),
    )
)


async def muted_until(session: AsyncSession, member_ids: Collection[UUID], at: datetime) -> dict[UUID, datetime]:
    """Until when each of these members is muted for a short time at a moment, of those who are."""
    return {row.member_id: row.until for row in await _LASTING_MUTES.all(session, ids=list(member_ids), at=at)}


async def last_mutes(session: AsyncSession, member_ids: Collection[UUID]) -> dict[UUID, Muted]:
    """How each of these members was last muted for a short time, of those who were."""
    rows = await _LAST_MUTES.all(session, ids=list(member_ids))
    return {row.member_id: Muted(row.given_at, row.until) for row in rows}


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
    return embedded(row[0], row[1], now, avatars_in(session), row[2]) if row else None


async def embedded_by_id(session: AsyncSession, member_ids: Collection[UUID], now: datetime) -> dict[UUID, MemberEmbed]:
    """These members as every answer names them."""
    found = await _THESE.all(session, ids=list(member_ids))
    avatars = avatars_in(session)
    return {member.id: embedded(member, person, now, avatars, department) for member, person, department in found}


_SHOWN: Bundle[Any] = Bundle(
    "person",
    *(col(one) for one in (Person.id, Person.display_name, Person.department_code, Person.title, Person.avatar_url)),
)
"""Of the person what a roster shows."""


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
) -> GivenListing:
    """The members of a community; without a status those whose membership stands. `q` is a name, number or pinyin.

    `department` is meant with everything below it; `joined` is between when.
    `candid_about` is the person who reads, if they read only their own status as it is: others are found by what they look like.
    """
    wanted = search_key(q) if q is not None else ""
    asked = {
        "only_person": only_person,
        "person_id": person_id,
        "department": department,
        "cohort_id": cohort_id,
        "joined_from": joined[0],
        "joined_to": joined[1],
        "role": role,
        "status": status,
        "candid_about": candid_about if status is not None else None,
        "key": wanted or None,
        "key_end": wanted + "\U0010ffff" if wanted else None,
        "now": now if role is not None or status is not None else None,
    }
    given = {name: value for name, value in asked.items() if value is not None}
    return _roster(frozenset(given), sort).given(community_id=community_id, **given)


@lru_cache(maxsize=200)
def _roster(given: frozenset[str], sort: Sort) -> PreparedListing:
    """The list by the filters that are given."""
    now: Any = bindparam("now")
    status: ColumnElement[bool] = col(Member.status).not_in(ENDED)
    if "status" in given:
        status = _of_status(now, candid="candid_about" not in given)
    filters = {
        "only_person": col(Member.person_id) == bindparam("only_person"),
        "person_id": col(Member.person_id) == bindparam("person_id"),
        "department": col(Person.department_code).in_(below(bindparam("department"))),
        "cohort_id": col(Member.cohort_id) == bindparam("cohort_id"),
        "joined_from": col(Member.joined_at) >= bindparam("joined_from"),
        "joined_to": col(Member.joined_at) < bindparam("joined_to"),
        "role": _holds(bindparam("role"), now),
        "key": col(Member.person_id).in_(_found_by_key()),
    }
    statement: Select[*tuple[Any, ...]] = (
        select(Member, _SHOWN)
        .join(Person, col(Person.id) == col(Member.person_id))
        .where(col(Member.community_id) == bindparam("community_id"), status)
        .where(*(condition for name, condition in filters.items() if name in given))
    )
    return PreparedListing(Listing(statement, _order(sort)))


def _found_by_key() -> Select[Any]:
    # A range of the index, which compares byte by byte; LIKE would not use it everywhere.
    key = col(PersonSearchKey.key)
    return select(col(PersonSearchKey.person_id)).where(key >= bindparam("key"), key < bindparam("key_end"))


def _order(sort: Sort) -> list[ColumnElement[Any]]:
    """By name means by pinyin."""
    if sort == "name":
        return [col(Person.sort_key).asc(), col(Member.id).asc()]
    if sort == "-joined_at":
        return [col(Member.joined_at).desc(), col(Member.id).desc()]
    return [col(Member.joined_at).asc(), col(Member.id).asc()]


def effective_status(now: Any) -> ColumnElement[Any]:
    """The status by the clock, a moment or a parameter, in SQL: what `status_at` says of one row."""
    over = and_(col(Member.status).in_(TIMED), col(Member.status_until) <= now)
    muted = and_(over, col(Member.then_muted_until) > now)
    return case((muted, "muted"), (over, "active"), else_=col(Member.status))


def _of_status(now: Any, *, candid: bool) -> ColumnElement[bool]:
    effective = effective_status(now)
    if candid:
        return effective == bindparam("status")
    looks = case((effective.in_(TIMED), "active"), (effective == "expelled", "left"), else_=effective)
    return case((col(Member.person_id) == bindparam("candid_about"), effective), else_=looks) == bindparam("status")


def _holds(role: Any, now: Any) -> ColumnElement[bool]:
    return exists().where(col(RoleGrant.member_id) == col(Member.id), col(RoleGrant.role) == role, _lasts(now))


def in_force(roles: Sequence[str], now: datetime) -> ColumnElement[bool]:
    """Whether a grant gives one of these roles at a moment."""
    return and_(col(RoleGrant.role).in_(roles), _lasts(now))


def _lasts(now: Any) -> ColumnElement[bool]:
    return and_(
        col(RoleGrant.since) <= now,
        col(RoleGrant.revoked_at).is_(None),
        or_(col(RoleGrant.until).is_(None), col(RoleGrant.until) > now),
    )
