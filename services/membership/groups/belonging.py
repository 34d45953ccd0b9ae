"""How members come to belong to groups and cease to, for every use case: state and message in one place."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.messaging.outbox import Outgoing, emit_many
from contracts.belonging import GroupJoined, GroupLeft, GroupMembership, GroupState, GroupUpdated
from services.membership.groups import queries
from services.membership.groups.models import Group, GroupMember
from services.membership.groups.rules import STAND_IN, Ended


def group_state(group: Group) -> dict[str, Any]:
    """What others may know of a group."""
    return {
        "community_id": group.community_id,
        "group_id": group.id,
        "name": group.name if group.readable else STAND_IN,
        "cohort_id": group.cohort_id,
        "leader_id": group.leader_id,
        "dissolved": group.dissolved_at is not None,
    }


def pair_state(row: GroupMember, cohort_id: UUID | None) -> dict[str, Any]:
    """What others may know of a member's belonging to a group, which is of this cohort or of none."""
    return {
        "community_id": row.community_id,
        "group_id": row.group_id,
        "cohort_id": cohort_id,
        "member_id": row.member_id,
        "since": row.since,
        "belongs": row.left_at is None or row.ended == "dissolved",
    }


def told_of_group(kind: type[GroupState], group: Group, at: datetime) -> Outgoing:
    """A message about a locked or new group."""
    return Outgoing(kind(**group_state(group)), group.bump(), at)


def told_of_pair(kind: type[GroupMembership], row: GroupMember, group: Group, at: datetime) -> Outgoing:
    """A message about a member and a locked group."""
    return Outgoing(kind(**pair_state(row, group.cohort_id)), row.bump(), at)


async def let_in(
    session: AsyncSession, group: Group, member_ids: Collection[UUID], at: datetime
) -> Mapping[UUID, GroupMember]:
    """Have locked members belong to a locked group from now on, who do not yet. The caller has made sure of room."""
    before = await queries.pairs(session, group.id, member_ids)
    rows: dict[UUID, GroupMember] = {}
    for member_id in sorted(member_ids):
        row = before.get(member_id)
        if row is None:
            row = GroupMember(
                group_id=group.id,
                member_id=member_id,
                community_id=group.community_id,
                grouping_id=group.grouping_id,
                since=at,
            )
            session.add(row)
        elif row.left_at is None:
            continue
        rows[member_id] = row
    await take_in(session, [(group, row) for row in rows.values()], at)
    return rows


async def take_in(session: AsyncSession, rows: Sequence[tuple[Group, GroupMember]], at: datetime) -> None:
    """The same for members and locked groups to which they do not belong, by their rows."""
    messages = []
    for group, row in rows:
        row.since, row.left_at, row.ended, row.led = at, None, None, False
        group.members += 1
        messages.append(told_of_pair(GroupJoined, row, group, at))
    await emit_many(session, messages)


async def let_out(session: AsyncSession, rows: Iterable[tuple[Group, GroupMember]], ended: Ended, at: datetime) -> None:
    """Have members belong to locked groups no more. Where the leader goes, who has belonged to it longest leads it, or nobody."""
    gone: set[UUID] = set()
    headless: dict[UUID, Group] = {}
    messages = []
    for group, row in rows:
        row.left_at, row.ended, row.led = at, ended, group.leader_id == row.member_id
        group.members -= 1
        gone.add(row.member_id)
        if row.led:
            headless[group.id] = group
        messages.append(told_of_pair(GroupLeft, row, group, at))
    messages += await _passed_on(session, headless, gone, at)
    await emit_many(session, messages)


async def _passed_on(
    session: AsyncSession, headless: Mapping[UUID, Group], gone: Collection[UUID], at: datetime
) -> Sequence[Outgoing]:
    if not headless:
        return []
    following = await queries.successors(session, headless.keys(), gone, at)
    messages = []
    for group in headless.values():
        lead(group, following.get(group.id), at)
        group.version += 1
        messages.append(told_of_group(GroupUpdated, group, at))
    return messages


def lead(group: Group, leader_id: UUID | None, at: datetime) -> None:
    """Have somebody lead a locked group, or nobody."""
    group.leader_id = leader_id
    group.leaderless_since = at if leader_id is None else None
