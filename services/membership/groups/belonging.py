"""How members come to belong to groups and cease to, for every use case: state and message in one place."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import inspect as object_state
from sqlalchemy import update
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import Prepared, bindparam
from chassis.messaging.outbox import Outgoing, emit_many
from contracts.belonging import GroupDissolved, GroupJoined, GroupLeft, GroupMembership, GroupState, GroupUpdated
from services.membership.groups import queries
from services.membership.groups.models import Group, GroupMember
from services.membership.groups.rules import STAND_IN, Ended, ends


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


def told_of_update(group: Group, at: datetime, *, new_leader: bool) -> Outgoing:
    """That a locked group has changed, and whether in who leads it."""
    return Outgoing(GroupUpdated(**group_state(group), new_leader=new_leader), group.bump(), at)


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
    await _write(session, {group.id: group for group, _ in rows}.values(), [row for _, row in rows])
    await emit_many(session, messages)


async def let_out(
    session: AsyncSession,
    rows: Iterable[tuple[Group, GroupMember]],
    ended: Ended,
    at: datetime,
    *,
    for_good: bool = True,
) -> None:
    """Have members belong to locked groups no more. Where the leader goes, who has belonged to it longest leads it, or nobody.

    A group that a member formed is dissolved with its last one, if they went `for_good`.
    """
    rows = list(rows)
    gone = {row.member_id for _, row in rows}
    headless = {group.id: group for group, row in rows if group.leader_id == row.member_id}
    # Asked before anything is changed: the session writes what has changed, each row by itself, before it asks.
    following = await queries.successors(session, headless.keys(), gone, at) if headless else {}
    messages = []
    for group, row in rows:
        row.left_at, row.ended, row.led = at, ended, group.leader_id == row.member_id
        group.members -= 1
        messages.append(told_of_pair(GroupLeft, row, group, at))
    ended_with_them = {
        group.id: group
        for group, _ in rows
        if ends(ends_empty=group.ends_empty, members=group.members, for_good=for_good)
    }
    messages += [_ended(group, at) for group in ended_with_them.values()]
    messages += [
        _passed_on(group, following.get(group.id), at) for group in headless.values() if group.id not in ended_with_them
    ]
    await _write(session, {group.id: group for group, _ in rows}.values(), [row for _, row in rows])
    await emit_many(session, messages)


_GROUP_CHANGES = (
    "members",
    "leader_id",
    "leaderless_since",
    "dissolved_at",
    "version",
    "capacity",
    "messages_published",
)
_PAIR_CHANGES = ("since", "left_at", "ended", "led", "messages_published")


def _update(model: Any, keys: Sequence[str], names: Sequence[str]) -> Prepared[Any]:
    table = model.__table__
    these = [table.c[key] == bindparam(f"key_{key}", type_=table.c[key].type) for key in keys]
    given = {name: bindparam(f"new_{name}", type_=table.c[name].type) for name in names}
    return Prepared(update(table).where(*these).values(given))


_UPDATES = {
    Group: (("id",), _GROUP_CHANGES, _update(Group, ["id"], _GROUP_CHANGES)),
    GroupMember: (
        ("group_id", "member_id"),
        _PAIR_CHANGES,
        _update(GroupMember, ["group_id", "member_id"], _PAIR_CHANGES),
    ),
}


async def _write(session: AsyncSession, groups: Iterable[Group], rows: Iterable[GroupMember]) -> None:
    """Write what has changed in one statement for all groups and one for all rows, where the session would make one for each."""
    written = []
    for model, changed in ((Group, groups), (GroupMember, rows)):
        keys, names, statement = _UPDATES[model]
        there = [one for one in changed if object_state(one).persistent]
        given = []
        for one in sorted(there, key=lambda each: [str(getattr(each, key)) for key in keys]):
            values = {name: getattr(one, name) for name in names}
            given.append(
                {f"key_{key}": getattr(one, key) for key in keys} | {f"new_{name}": values[name] for name in names}
            )
            # Nothing is left for the session, which writes before the first of these statements.
            for name, value in values.items():
                set_committed_value(one, name, value)
        if given:
            written.append((statement, given))
    for statement, given in written:
        await statement.run_many(session, given)


def _passed_on(group: Group, leader_id: UUID | None, at: datetime) -> Outgoing:
    lead(group, leader_id, at)
    group.version += 1
    return told_of_update(group, at, new_leader=True)


def _ended(group: Group, at: datetime) -> Outgoing:
    lead(group, None, at)
    group.dissolved_at = at
    group.version += 1
    return told_of_group(GroupDissolved, group, at)


def lead(group: Group, leader_id: UUID | None, at: datetime) -> None:
    """Have somebody lead a locked group, or nobody."""
    group.leader_id = leader_id
    group.leaderless_since = at if leader_id is None else None
