"""What a service knows of groups 小组 and who belongs to them: copies, written by message handlers alone.

A service that asks declares the tables in `base.py` (`group_projection`), and gives `follow_membership` the messages. A group and a
membership of one come by messages of their own, in any order: who belongs to a group that was not heard of yet belongs to it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Index,
    MetaData,
    Select,
    String,
    Table,
    Uuid,
    false,
    func,
    select,
)
from sqlmodel import UTCDateTime
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.context import context_of
from chassis.database.statements import Prepared, bindparam
from chassis.projections.apply import forget_from, upsert

LONGEST_NAME = 100
"""Characters of the name of a group."""


@dataclass(frozen=True)
class GroupTables:
    """`version` and `told_at` as in `KnownTables`. The id of a membership is made of the group's and the member's, as its messages' subject."""

    groups: Table
    members: Table


@dataclass(frozen=True, slots=True)
class KnownGroup:
    """What is known of one group."""

    id: UUID
    community_id: UUID
    name: str
    cohort_id: UUID | None
    leader_id: UUID | None
    dissolved: bool


def group_projection(metadata: MetaData) -> GroupTables:
    """Define the tables of groups and who belongs to them on a service's metadata."""
    tables = GroupTables(groups=_groups(metadata), members=_members(metadata))
    metadata.info[GroupTables] = tables
    return tables


def groups_known_to(session: AsyncSession) -> GroupTables:
    """The tables of the service that the session belongs to."""
    tables: GroupTables = context_of(session).tables.metadata.info[GroupTables]
    return tables


async def known_group(session: AsyncSession, group_id: UUID) -> KnownGroup | None:
    """A group by id, also one that was dissolved; None where no message about it has arrived."""
    row = await _statements(groups_known_to(session)).one.first(session, group_id=group_id)
    return KnownGroup(*row) if row is not None else None


async def known_groups(session: AsyncSession, group_ids: Collection[UUID]) -> dict[UUID, KnownGroup]:
    """These groups by their ids, in one statement; what nobody has heard of is left out."""
    wanted = list(set(group_ids))
    if not wanted:
        return {}
    rows = await _statements(groups_known_to(session)).these.all(session, group_ids=wanted)
    return {row.id: KnownGroup(*row) for row in rows}


async def groups_of_member(session: AsyncSession, member_id: UUID, *, dissolved_too: bool = False) -> list[UUID]:
    """The groups that a member belongs to, in order of id; `dissolved_too`: and those that they belonged to when these were dissolved."""
    statements = _statements(groups_known_to(session))
    return list(await (statements.read if dissolved_too else statements.belonging).all(session, member_id=member_id))


async def is_in_group(
    session: AsyncSession, *, group_id: UUID, member_id: UUID | None, dissolved_too: bool = False
) -> bool:
    """Whether a member belongs to a group; `dissolved_too`: or did when it was dissolved, so that they still read it."""
    if member_id is None:
        return False
    row = await _statements(groups_known_to(session)).pair.first(session, group_id=group_id, member_id=member_id)
    return row is not None and (dissolved_too or not row.dissolved)


async def members_of_group(session: AsyncSession, group_id: UUID) -> list[UUID]:
    """Who belongs to a group, in order of id; a group has a capacity, so they are few."""
    return list(await _statements(groups_known_to(session)).within.all(session, group_id=group_id))


def groups_read_by(tables: GroupTables, member_id: Any) -> Select[tuple[UUID]]:
    """The ids of the groups whose content a member reads, for the `IN` of another statement: a value, a parameter or a column is given.

    Those that they belong to, and those that they belonged to when these were dissolved.
    """
    members = tables.members.c
    return select(members.group_id).where(members.member_id == member_id, members.belongs)


def belongs_to(tables: GroupTables, group_id: Any, member_id: Any) -> ColumnElement[bool]:
    """Whether a member belongs to a group that was not dissolved, for the condition of another statement."""
    groups, members = tables.groups.c, tables.members.c
    gone = select(groups.id).where(groups.id == members.group_id, groups.dissolved).exists()
    return (
        select(members.id)
        .where(members.group_id == group_id, members.member_id == member_id, members.belongs, ~gone)
        .exists()
    )


async def apply_groups(session: AsyncSession, messages: Sequence[Any]) -> None:
    """`group.formed`, `.updated`, `.dissolved` and their snapshot."""
    await upsert(
        session,
        groups_known_to(session).groups,
        (
            {
                "id": message.data.group_id,
                "community_id": message.data.community_id,
                "name": message.data.name[:LONGEST_NAME],
                "cohort_id": message.data.cohort_id,
                "leader_id": message.data.leader_id,
                "dissolved": message.data.dissolved,
                "version": message.version,
                "told_at": message.recorded_at,
            }
            for message in messages
        ),
    )


async def apply_group_members(session: AsyncSession, messages: Sequence[Any]) -> None:
    """`group.joined`, `.left` and their snapshot."""
    await upsert(
        session,
        groups_known_to(session).members,
        (
            {
                "id": UUID(message.data.subject()),
                "community_id": message.data.community_id,
                "group_id": message.data.group_id,
                "cohort_id": message.data.cohort_id,
                "member_id": message.data.member_id,
                "since": message.data.since,
                "belongs": message.data.belongs,
                "version": message.version,
                "told_at": message.recorded_at,
            }
            for message in messages
        ),
    )


async def forget_groups(session: AsyncSession, before: datetime) -> None:
    """Those of which membership, when it told of all, said nothing."""
    await forget_from(session, groups_known_to(session).groups, before)


async def forget_group_members(session: AsyncSession, before: datetime) -> None:
    """As `forget_groups`."""
    await forget_from(session, groups_known_to(session).members, before)


@dataclass(frozen=True)
class _Statements:
    """What is asked of one service's tables."""

    one: Prepared[Any]
    these: Prepared[Any]
    belonging: Prepared[UUID]
    read: Prepared[UUID]
    pair: Prepared[Any]
    within: Prepared[UUID]


@lru_cache(maxsize=64)
def _statements(tables: GroupTables) -> _Statements:
    groups, members = tables.groups.c, tables.members.c
    shown = select(groups.id, groups.community_id, groups.name, groups.cohort_id, groups.leader_id, groups.dissolved)
    dissolved = func.coalesce(groups.dissolved, false()).label("dissolved")
    told = tables.members.outerjoin(tables.groups, groups.id == members.group_id)
    theirs = (
        select(members.group_id)
        .where(members.member_id == bindparam("member_id"), members.belongs)
        .order_by(members.group_id)
    )
    return _Statements(
        one=Prepared(shown.where(groups.id == bindparam("group_id"))),
        these=Prepared(lambda on: shown.where(on.among(groups.id, "group_ids"))),
        belonging=Prepared(theirs.select_from(told).where(~func.coalesce(groups.dissolved, false()))),
        read=Prepared(theirs),
        pair=Prepared(
            select(members.id, dissolved)
            .select_from(told)
            .where(
                members.group_id == bindparam("group_id"), members.member_id == bindparam("member_id"), members.belongs
            )
        ),
        within=Prepared(
            select(members.member_id)
            .select_from(told)
            .where(
                members.group_id == bindparam("group_id"), members.belongs, ~func.coalesce(groups.dissolved, false())
            )
            .order_by(members.member_id)
        ),
    )


def _groups(metadata: MetaData) -> Table:
    return Table(
        "known_groups",
        metadata,
        Column("id", Uuid, primary_key=True),
        Column("community_id", Uuid, nullable=False, index=True),
        Column("name", String(LONGEST_NAME), nullable=False),
        Column("cohort_id", Uuid),
        Column("leader_id", Uuid),
        Column("dissolved", Boolean(create_constraint=False), nullable=False),
        Column("version", BigInteger, nullable=False),
        Column("told_at", UTCDateTime()),
    )


def _members(metadata: MetaData) -> Table:
    return Table(
        "known_group_members",
        metadata,
        Column("id", Uuid, primary_key=True),
        Column("community_id", Uuid, nullable=False),
        Column("group_id", Uuid, nullable=False),
        Column("cohort_id", Uuid),
        Column("member_id", Uuid, nullable=False),
        Column("since", UTCDateTime(), nullable=False),
        Column("belongs", Boolean(create_constraint=False), nullable=False),
        Column("version", BigInteger, nullable=False),
        Column("told_at", UTCDateTime()),
        Index(None, "member_id", "group_id"),
        Index(None, "group_id", "member_id"),
    )
