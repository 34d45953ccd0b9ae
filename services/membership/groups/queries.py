"""Reading groups and who belongs to them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Table, func, or_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.contributions import Waiting
from chassis.database.listing import Listing
from chassis.database.statements import Prepared, bindparam
from services.membership.groups.models import Group, GroupingPlace, GroupMember
from services.membership.roster.models import Member
from services.membership.roster.rules import ENDED, status_at

_GROUPS: Table = Group.__table__  # type: ignore[attr-defined]  # a table model has one
_BELONG: Table = GroupMember.__table__  # type: ignore[attr-defined]
_STANDS = col(Member.status).not_in(sorted(ENDED))


def groups(
    community_id: UUID | None,
    *,
    belonging: Collection[UUID] | None = None,
    cohort_id: UUID | None = None,
    grouping_id: UUID | None = None,
    dissolved: bool = False,
    vacant: bool = False,
) -> Listing:
    """Groups, the oldest first: those of a community, and where `belonging` names members those that they belong to."""
    statement: Select[Any] = select(Group).where(
        col(Group.dissolved_at).is_not(None) if dissolved else col(Group.dissolved_at).is_(None)
    )
    if community_id is not None:
        statement = statement.where(col(Group.community_id) == community_id)
    if belonging is not None:
        theirs = select(_BELONG.c.group_id).where(_BELONG.c.member_id.in_(belonging))
        still = or_(_BELONG.c.left_at.is_(None), _BELONG.c.ended == "dissolved")
        statement = statement.where(col(Group.id).in_(theirs.where(still)))
    if cohort_id is not None:
        statement = statement.where(col(Group.cohort_id) == cohort_id)
    if grouping_id is not None:
        statement = statement.where(col(Group.grouping_id) == grouping_id)
    if vacant:
        statement = statement.where(has_no_leader())
    return Listing(statement, [col(Group.created_at).asc(), col(Group.id).asc()])


def has_no_leader() -> ColumnElement[bool]:
    """Nobody leads the group."""
    return col(Group.leader_id).is_(None)


def members_of(group_id: UUID) -> Listing:
    """Who belongs to a group, in the order in which they came."""
    statement = select(GroupMember).where(col(GroupMember.group_id) == group_id, col(GroupMember.left_at).is_(None))
    return Listing(statement, [col(GroupMember.since).asc(), col(GroupMember.member_id).asc()])


_OWN: Prepared[Any] = Prepared(select(Member).where(col(Member.person_id) == bindparam("person_id"), _STANDS))


async def own_members(session: AsyncSession, person_id: UUID, now: datetime) -> dict[UUID, Any]:
    """As whom a person reads groups, by community: not where they are suspended."""
    rows = await _OWN.all(session, person_id=person_id)
    return {row.community_id: row for row in rows if status_at(row.status, row.status_until, None, now) != "suspended"}


_SINCE: Prepared[Any] = Prepared(
    lambda on: select(_BELONG.c.group_id, _BELONG.c.since).where(
        on.among(_BELONG.c.group_id, "group_ids"),
        on.among(_BELONG.c.member_id, "member_ids"),
        _BELONG.c.left_at.is_(None),
    )
)


async def belonging_since(
    session: AsyncSession, group_ids: Collection[UUID], member_ids: Collection[UUID]
) -> dict[UUID, datetime]:
    """To which of these groups one of these members belongs, and since when: they are one person's, so of each group one at most."""
    if not member_ids:
        return {}
    rows = await _SINCE.all(session, group_ids=list(group_ids), member_ids=list(member_ids))
    return {row.group_id: row.since for row in rows}


_LOCKED: Prepared[Any] = Prepared(
    lambda on: (
        select(Member)
        .where(on.among(col(Member.id), "ids"), col(Member.community_id) == bindparam("community_id"), _STANDS)
        .order_by(col(Member.id))
        .with_for_update()
    )
)


async def locked_members(session: AsyncSession, community_id: UUID, ids: Collection[UUID]) -> dict[UUID, Member]:
    """Those of these who are members of the community, locked in the order of their ids: they join and leave nothing meanwhile."""
    found = await _LOCKED.load(session, again=True, community_id=community_id, ids=sorted(ids))
    return {member.id: member for member in found}


_OF_COMMUNITY: Prepared[UUID] = Prepared(
    lambda on: select(col(Member.id)).where(
        on.among(col(Member.id), "ids"), col(Member.community_id) == bindparam("community_id")
    )
)


async def ever_members(session: AsyncSession, community_id: UUID, ids: Collection[UUID]) -> set[UUID]:
    """Those of these who are or have been members of the community."""
    return set(await _OF_COMMUNITY.all(session, community_id=community_id, ids=sorted(ids)))


_PAIRS: Prepared[Any] = Prepared(
    lambda on: select(GroupMember).where(
        col(GroupMember.group_id) == bindparam("group_id"), on.among(col(GroupMember.member_id), "ids")
    )
)


async def pairs(session: AsyncSession, group_id: UUID, member_ids: Collection[UUID]) -> dict[UUID, GroupMember]:
    """What is known of these members and a locked group, also of those who left it."""
    found = await _PAIRS.load(session, again=True, group_id=group_id, ids=list(member_ids))
    return {row.member_id: row for row in found}


_THEIR_PAIRS: Prepared[Any] = Prepared(
    lambda on: select(GroupMember).where(
        on.among(col(GroupMember.group_id), "group_ids"), on.among(col(GroupMember.member_id), "ids")
    )
)


async def pairs_of(
    session: AsyncSession, group_ids: Collection[UUID], member_ids: Collection[UUID]
) -> dict[tuple[UUID, UUID], GroupMember]:
    """The same of several locked groups, by both ids."""
    if not group_ids:
        return {}
    found = await _THEIR_PAIRS.load(session, again=True, group_ids=list(group_ids), ids=list(member_ids))
    return {(row.group_id, row.member_id): row for row in found}


def places_of(grouping_id: UUID) -> Listing:
    """Who comes into which group of a grouping, by number."""
    statement = select(GroupingPlace).where(col(GroupingPlace.grouping_id) == grouping_id)
    return Listing(statement, [col(GroupingPlace.number).asc(), col(GroupingPlace.member_id).asc()])


_ELSEWHERE: Prepared[Any] = Prepared(
    lambda on: (
        select(_BELONG.c.member_id, _BELONG.c.group_id, _BELONG.c.grouping_id)
        .where(on.among(_BELONG.c.member_id, "ids"), _BELONG.c.left_at.is_(None))
        .order_by(_BELONG.c.member_id, _BELONG.c.group_id)
    )
)


async def belongings(session: AsyncSession, member_ids: Collection[UUID]) -> dict[UUID, list[Any]]:
    """To which groups each of these members belongs, with the grouping of each."""
    found: dict[UUID, list[Any]] = {one: [] for one in member_ids}
    for row in await _ELSEWHERE.all(session, ids=list(member_ids)):
        found[row.member_id].append(row)
    return found


async def locked_groups(session: AsyncSession, group_ids: Collection[UUID]) -> list[Group]:
    """These groups, locked in the order of their ids."""
    wanted = select(Group).where(col(Group.id).in_(sorted(group_ids))).order_by(col(Group.id)).with_for_update()
    return list((await session.execute(wanted.execution_options(populate_existing=True))).scalars())


def _successors(on: Any) -> Select[Any]:
    place = func.row_number().over(
        partition_by=_BELONG.c.group_id, order_by=[_BELONG.c.since, col(Member.joined_at), col(Member.id)]
    )
    rows = (
        select(_BELONG.c.group_id, _BELONG.c.member_id, place.label("place"))
        .join(Member, col(Member.id) == _BELONG.c.member_id)
        .where(
            on.among(_BELONG.c.group_id, "group_ids"),
            ~on.among(_BELONG.c.member_id, "gone"),
            _BELONG.c.left_at.is_(None),
            _STANDS,
            or_(col(Member.status) != "suspended", col(Member.status_until) <= bindparam("now")),
        )
        .subquery()
    )
    return select(rows.c.group_id, rows.c.member_id).where(rows.c.place == 1)


_SUCCESSORS: Prepared[Any] = Prepared(_successors)


async def successors(
    session: AsyncSession, group_ids: Collection[UUID], gone: Collection[UUID], now: datetime
) -> dict[UUID, UUID]:
    """Who leads each group after those who are gone: who has belonged to it longest, of those who came together who has been longest in the community."""
    rows = await _SUCCESSORS.all(session, group_ids=list(group_ids), gone=list(gone), now=now)
    return {row.group_id: row.member_id for row in rows}


async def without_leader(session: AsyncSession, community_id: UUID, _now: datetime, _member_id: UUID | None) -> Waiting:
    """The groups that nobody leads."""
    vacant = select(func.count(), func.min(col(Group.leaderless_since))).where(
        col(Group.community_id) == community_id, col(Group.dissolved_at).is_(None), has_no_leader()
    )
    count, oldest_at = (await session.execute(vacant)).one()
    return Waiting(count=count, oldest_at=oldest_at, href=f"/v1/groups?community_id={community_id}&vacant=true")


async def all_pairs(session: AsyncSession, group_id: UUID) -> Sequence[GroupMember]:
    """Everybody who belongs to a locked group: at most as many as it holds."""
    theirs = select(GroupMember).where(col(GroupMember.group_id) == group_id, col(GroupMember.left_at).is_(None))
    return (await session.execute(theirs.execution_options(populate_existing=True))).scalars().all()


async def locked_with_groups(
    session: AsyncSession, member_id: UUID, *, lost_since: datetime | None = None
) -> list[tuple[Group, GroupMember]]:
    """The groups that a locked member belongs to, locked, or those that they lost with their membership since a moment: in order of id."""
    theirs = select(GroupMember).where(
        col(GroupMember.member_id) == member_id,
        col(GroupMember.left_at).is_(None)
        if lost_since is None
        else (col(GroupMember.ended) == "membership_ended") & (col(GroupMember.left_at) >= lost_since),
    )
    wanted = theirs.with_only_columns(col(GroupMember.group_id))
    found = select(Group).where(col(Group.id).in_(wanted)).order_by(col(Group.id)).with_for_update()
    locked = (await session.execute(found.execution_options(populate_existing=True))).scalars()
    groups = {group.id: group for group in locked}
    rows = (await session.execute(theirs.execution_options(populate_existing=True))).scalars()
    return sorted(((groups[row.group_id], row) for row in rows if row.group_id in groups), key=lambda one: one[0].id)
