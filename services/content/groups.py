"""Who sees what stands in a group 小组: who belongs to it, and who moderates the community. Whatever shows or changes content asks here.

Who belonged to a group when it was dissolved reads on; nobody writes there any more. Who has left it sees nothing of it from then on, what they
wrote themselves neither.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol
from uuid import UUID

from sqlalchemy import ColumnElement, String, Uuid, cast, exists, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import Prepared, Spelling, bindparam
from chassis.problems import FORBIDDEN, NOT_FOUND, refused
from chassis.projections.members import OwnStanding
from chassis.security.authority import Standing
from chassis.security.permissions import Column, Reach
from services.content.base import known, known_groups
from services.content.permissions import DISCUSSIONS_MODERATE

DISSOLVED: Final = "dissolved"
"""The state of what stands in a group that is no more."""
MODERATORS: Final = ("moderator", "operator", "owner")
"""The roles that `DISCUSSIONS_MODERATE` reaches, for statements about other members than the caller."""

_members = known.members.c
_groups, _belonging = known_groups.groups.c, known_groups.members.c


class InGroup(Protocol):
    """A piece of content that may stand in a group."""

    @property
    def community_id(self) -> UUID: ...
    @property
    def group_id(self) -> UUID | None: ...


def oversees(columns: Collection[Column]) -> bool:
    """Whether somebody who is this sees all groups of the community."""
    return Reach.ALL in DISCUSSIONS_MODERATE.reach(columns)


# --- lists ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class GroupReader:
    """By what somebody sees groups: those of these members, and all of these communities."""

    member_ids: frozenset[UUID] = frozenset()
    overseen: frozenset[UUID] = frozenset()

    def sees(self, group_id: Any, community_id: Any) -> ColumnElement[bool]:
        """Whether rows are seen that have these columns: the condition of every list."""
        mine = select(_belonging.group_id).where(_belonging.member_id.in_(self.member_ids), _belonging.belongs)
        return or_(group_id.is_(None), community_id.in_(self.overseen), group_id.in_(mine))

    @property
    def parameters(self) -> Mapping[str, Any]:
        """For a statement with `seen_by_reader`."""
        return {"group_members": list(self.member_ids), "groups_overseen": list(self.overseen)}


NO_GROUPS: Final = GroupReader()


def seen_by_reader(on: Spelling, group_id: Any, community_id: Any) -> ColumnElement[bool]:
    """The same for a statement that is prepared: its `parameters` are a reader's."""
    mine = select(_belonging.group_id).where(on.among(_belonging.member_id, "group_members"), _belonging.belongs)
    return or_(group_id.is_(None), on.among(community_id, "groups_overseen"), group_id.in_(mine))


def reader_of(standing: Standing) -> GroupReader:
    """As what the caller sees groups of one community."""
    return reader_as(standing.community.id, standing.member_id, standing.columns)


def reader_as(community_id: UUID, member_id: UUID | None, columns: Collection[Column]) -> GroupReader:
    """The same, for somebody who is this."""
    belongs = member_id is not None and not {"S", "X"} & set(columns)
    return GroupReader(
        frozenset({member_id} if belongs and member_id is not None else ()),
        frozenset({community_id} if oversees(columns) else ()),
    )


def reader_among(standings: Iterable[OwnStanding]) -> GroupReader:
    """As what the caller sees groups of all their communities."""
    return together(reader_as(one.community_id, one.id, one.columns) for one in standings)


def together(readers: Iterable[GroupReader]) -> GroupReader:
    """Somebody who is all of these."""
    every = list(readers)
    return GroupReader(
        frozenset().union(*(one.member_ids for one in every)), frozenset().union(*(one.overseen for one in every))
    )


def belongs(group_id: Any, member_id: Any) -> ColumnElement[bool]:
    """Whether a member, who is no reader in particular, belongs to the group of a row; of none everybody does."""
    pair = exists().where(_belonging.group_id == group_id, _belonging.member_id == member_id, _belonging.belongs)
    # However deep it stands: by itself a subquery finds only what is one level above it.
    return or_(group_id.is_(None), pair.correlate_except(known_groups.members))


def may_see(group_id: Any, members: Any) -> ColumnElement[bool]:
    """Whether members of these columns see the group of a row."""
    return or_(belongs(group_id, members.id), moderates(members))


def moderates(members: Any) -> ColumnElement[bool]:
    """Whether members of these columns have a role by which they see all groups."""
    return or_(*(cast(members.roles, String).like(f'%"{role}"%') for role in MODERATORS))


_SEEING: Prepared[UUID] = Prepared(
    lambda on: select(_members.id).where(
        on.among(_members.id, "ids"), may_see(bindparam("group_id", type_=Uuid()), _members)
    )
)


async def members_seeing(session: AsyncSession, group_id: UUID, member_ids: Iterable[UUID]) -> set[UUID]:
    """Which of these members see a group."""
    return set(await _SEEING.all(session, ids=list(member_ids), group_id=group_id))


# --- single things -------------------------------------------------------------------------------------------------


_SEEN: Prepared[Any] = Prepared(
    lambda on: select(
        _groups.id,
        _groups.community_id,
        _groups.dissolved,
        exists()
        .where(_belonging.group_id == _groups.id, on.among(_belonging.member_id, "group_members"), _belonging.belongs)
        .label("belongs"),
    ).where(on.among(_groups.id, "group_ids"))
)


@dataclass(frozen=True, slots=True)
class SeenGroups:
    """Which of some groups somebody sees, and which of these are no more."""

    reader: GroupReader
    belonging: frozenset[UUID] = frozenset()
    dissolved: frozenset[UUID] = frozenset()

    def see(self, one: InGroup) -> bool:
        """Whether they see something, as far as groups go."""
        return one.group_id is None or one.community_id in self.reader.overseen or one.group_id in self.belonging


async def groups_seen(session: AsyncSession, reader: GroupReader, group_ids: Iterable[UUID | None]) -> SeenGroups:
    """Which of these groups a reader sees; nothing is asked where there are none."""
    wanted = {one for one in group_ids if one is not None}
    if not wanted:
        return SeenGroups(reader)
    rows = await _SEEN.all(session, group_ids=list(wanted), group_members=list(reader.member_ids))
    return SeenGroups(
        reader,
        frozenset(row.id for row in rows if row.belongs),
        frozenset(row.id for row in rows if row.dissolved),
    )


async def require_seen(session: AsyncSession, standing: Standing, one: InGroup) -> bool:
    """Whether its group is no more, if it stands in one that the caller sees; else it is not there for them. Raises `NOT_FOUND`."""
    found = await groups_seen(session, reader_of(standing), [one.group_id])
    if not found.see(one):
        raise NOT_FOUND()
    return one.group_id in found.dissolved


_OF_COMMUNITY: Prepared[Any] = Prepared(
    lambda on: select(_groups.id).where(
        on.among(_groups.id, "group_ids"), _groups.community_id == bindparam("community_id")
    )
)


async def groups_of(session: AsyncSession, community_id: UUID, group_ids: Iterable[UUID]) -> set[UUID]:
    """Which of these are groups of the community, as far as it is known; nothing is asked where there are none."""
    wanted = set(group_ids)
    if not wanted:
        return set()
    return set(await _OF_COMMUNITY.all(session, group_ids=list(wanted), community_id=community_id))


async def require_open(session: AsyncSession, standing: Standing, group_id: UUID | None) -> None:
    """Whether the caller may write something new into this group of the community, which members know of though they do not belong to it.

    Raises `NOT_FOUND` for one of another community, `FORBIDDEN`, and `ILLEGAL_TRANSITION` for one that was dissolved.
    """
    if group_id is None:
        return
    reader = reader_of(standing)
    rows = await _SEEN.all(session, group_ids=[group_id], group_members=list(reader.member_ids))
    if not rows or rows[0].community_id != standing.community.id:
        raise NOT_FOUND()
    if not (rows[0].belongs or reader.overseen):
        raise FORBIDDEN()
    if rows[0].dissolved:
        raise refused("illegal_transition", state=DISSOLVED)
