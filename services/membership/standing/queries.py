"""A person's standing in a community, from this service's own tables."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, Uuid, and_, bindparam, case, cast, null, select, tuple_, union_all
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import Prepared, Spelling
from chassis.security.authority import CommunityFacts, Facts, MemberFacts
from services.membership.communities.models import Community
from services.membership.communities.standings import rules_owed
from services.membership.people.models import Person
from services.membership.roster.models import Member, held_roles
from services.membership.roster.rules import ENDED, Status, status_and_end
from services.membership.service_accounts.models import ServiceAccount

_COMMUNITY: tuple[Any, ...] = (
    col(Community.id),
    col(Community.name),
    col(Community.status),
    col(Community.visibility),
    col(Community.time_zone),
    col(Community.day_starts_at),
    col(Community.streak_days),
    col(Community.rule_set_id),
    col(Community.rules_version),
    col(Community.rules_acknowledge_by),
)
_MEMBER: tuple[Any, ...] = (
    col(Member.id).label("member_id"),
    col(Member.person_id),
    col(Member.status).label("member_status"),
    col(Member.status_until),
    col(Member.then_muted_until),
    col(Member.roles),
    col(Member.joined_at),
    col(Member.recorded_at),
    col(Member.rules_acknowledged),
    col(Member.rules_overdue),
)
_PERSON: tuple[Any, ...] = (
    col(Person.status).label("person_status"),
    col(Person.kind).label("person_kind"),
    col(Person.time_zone).label("person_time_zone"),
)


def _statement() -> Select[Any]:
    person_id = bindparam("person_id", type_=Uuid())
    return (
        select(*_COMMUNITY, *_MEMBER, *_PERSON)
        .select_from(Community)
        .outerjoin(Member, and_(col(Member.community_id) == col(Community.id), col(Member.person_id) == person_id))
        .outerjoin(Person, col(Person.id) == person_id)
        .where(col(Community.id) == bindparam("community_id", type_=Uuid()))
    )


_ONE: Prepared[Any] = Prepared(_statement())


def _names(on: Spelling) -> Any:
    here = and_(col(Member.person_id) == col(Person.id), on.among(col(Member.community_id), "communities"))
    erased = case((col(Person.status) == "erased", null()), else_=col(Person.display_name))
    people = (
        select(
            col(Person.id), erased.label("display_name"), col(Member.community_id), col(Member.id).label("member_id")
        )
        .select_from(Person)
        .outerjoin(Member, here)
        .where(on.among(col(Person.id), "ids"))
    )
    none = cast(null(), Uuid())
    accounts = select(col(ServiceAccount.id), col(ServiceAccount.name), none, none).where(
        on.among(col(ServiceAccount.id), "ids")
    )
    return union_all(people, accounts)


_NAMES: Prepared[Any] = Prepared(_names)


async def names_of(session: AsyncSession, ids: Collection[UUID], communities: Collection[UUID]) -> Sequence[Any]:
    """The names of people and service accounts, and which members of these communities the people are."""
    return await _NAMES.all(session, ids=list(ids), communities=list(communities))


async def standing_of(
    session: AsyncSession, *, person_id: UUID | None, community_id: UUID, now: datetime
) -> Facts | None:
    """What a person is in a community, in one statement; None if there is no such community."""
    row = await _ONE.first(session, person_id=person_id, community_id=community_id)
    return None if row is None else _facts(row, row, row, now)


async def standings_of(
    session: AsyncSession, pairs: Sequence[tuple[UUID | None, UUID]], now: datetime
) -> list[Facts | None]:
    """The same for many pairs of person and community, in three statements."""
    communities = await session.execute(
        select(*_COMMUNITY).where(col(Community.id).in_({community_id for _, community_id in pairs}))
    )
    known = {row.id: row for row in communities}
    named = [(person_id, community_id) for person_id, community_id in pairs if person_id is not None]
    people: dict[UUID, Row[Any]] = {}
    members: dict[tuple[UUID, UUID], Row[Any]] = {}
    if named:
        found = await session.execute(
            select(col(Person.id), *_PERSON).where(col(Person.id).in_({person_id for person_id, _ in named}))
        )
        people = {row.id: row for row in found}
        roster = await session.execute(
            select(col(Member.community_id), *_MEMBER).where(
                tuple_(col(Member.person_id), col(Member.community_id)).in_(named)
            )
        )
        members = {(row.person_id, row.community_id): row for row in roster}
    return [
        _facts(known[community_id], people.get(person_id), members.get((person_id, community_id)), now)  # type: ignore[arg-type]
        if community_id in known
        else None
        for person_id, community_id in pairs
    ]


_MEMBERSHIPS = (
    select(Community, Member, Person)
    .join(Member, col(Member.community_id) == col(Community.id))
    .join(Person, col(Person.id) == col(Member.person_id))
    .where(col(Member.person_id) == bindparam("person_id"))
    .order_by(col(Member.status).in_(ENDED), col(Member.joined_at), col(Member.id))
)
_OF_PERSON: Prepared[Any] = Prepared(_MEMBERSHIPS)
_OF_PERSON_IN: Prepared[Any] = Prepared(_MEMBERSHIPS.where(col(Member.community_id) == bindparam("community_id")))


async def memberships(
    session: AsyncSession, person_id: UUID, now: datetime, *, community_id: UUID | None = None
) -> list[tuple[Community, Member, Facts]]:
    """Where a person is a member, and what they are there; those that ended come last."""
    found = (
        await _OF_PERSON.all(session, person_id=person_id)
        if community_id is None
        else await _OF_PERSON_IN.all(session, person_id=person_id, community_id=community_id)
    )
    return [
        (
            community,
            member,
            Facts(
                community=_community(community),
                person_status=person.status,
                person_kind=person.kind,
                member=_member(community, member, member.id, member.status, person.time_zone, now),
            ),
        )
        for community, member, person in found
    ]


def _facts(community: Any, person: Any, member: Any, now: datetime) -> Facts:
    time_zone = person.person_time_zone if person else None
    return Facts(
        community=_community(community),
        person_status=person.person_status if person else None,
        person_kind=person.person_kind if person else None,
        member=_member(community, member, member.member_id, member.member_status, time_zone, now)
        if member is not None and member.member_id is not None
        else None,
    )


def _community(row: Any) -> CommunityFacts:
    return CommunityFacts(
        id=row.id,
        name=row.name,
        status=row.status,
        visibility=row.visibility,
        time_zone=row.time_zone,
        day_starts_at=row.day_starts_at,
        streak_days=row.streak_days,
    )


def _member(
    community: Any, row: Any, member_id: UUID, status: Status, time_zone: str | None, now: datetime
) -> MemberFacts:
    present, until = status_and_end(status, row.status_until, row.then_muted_until, now)
    return MemberFacts(
        id=member_id,
        person_id=row.person_id,
        status=present,
        roles=frozenset(held_roles(row.roles, now)),
        status_until=until,
        time_zone=time_zone,
        joined_at=row.joined_at,
        then_muted_until=row.then_muted_until if present == "suspended" else None,
        **rules_owed(community, row),
    )
