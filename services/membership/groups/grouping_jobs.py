"""The work of groupings: reading who there is and dealing them, and making the groups some hundreds of members at a time."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import case, delete, func, select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.budget import in_thread
from chassis.database.bulk import insert_many
from chassis.jobs import JobRun, Jobs
from chassis.messaging.outbox import emit_many
from contracts.belonging import GroupFormed
from services.membership.cohorts.models import Cohort
from services.membership.groups import queries
from services.membership.groups.belonging import take_in, told_of_group
from services.membership.groups.grouping_rules import Candidate, balanced, how_many, joining_smallest, spread
from services.membership.groups.models import Group, Grouping, GroupingPlace, GroupMember
from services.membership.groups.rules import LARGEST, MOST_GROUPS, SMALLEST
from services.membership.groups.skill_rules import balanced_by_skill
from services.membership.people.models import Person
from services.membership.roster.models import Member
from services.membership.roster.rules import ENDED, skill_key

PLAN: Final = "groupings.plan"
APPLY: Final = "groupings.apply"
FIRST, MOST = 100, 500
"""Members who come into groups in one step."""

_PLACES: Any = GroupingPlace.__table__  # type: ignore[attr-defined]

jobs = Jobs()


@jobs.kind(PLAN)
async def plan_grouping(job: JobRun) -> None:
    """Deal the members there are. All places are written together: nobody waits for them, and a part of them would be no plan."""
    key = UUID(job.params["grouping_id"])
    async with job.runtime.database.reading() as session:
        grouping = await session.get(Grouping, key)
        if grouping is None:
            return
        people = await _candidates(session, grouping, job.runtime.clock())
        sizes = await _sizes(session, grouping) if grouping.of_id != key else {}
    late = grouping.of_id != key
    size, count, seed = grouping.size, grouping.count, grouping.seed
    deal_to = balanced_by_skill if grouping.by == "skill" else balanced

    def deal() -> tuple[list[dict[str, Any]], int, tuple[int, int]]:
        if late:
            return _late(key, joining_smallest(people, sizes, seed=seed), sizes)
        dealt = deal_to(people, groups=how_many(len(people), size=size, count=count), seed=seed)
        rows = [
            {"grouping_id": key, "member_id": member_id, "number": number, "group_id": None}
            for number, group in enumerate(dealt, start=1)
            for member_id in group
        ]
        return rows, len(dealt), spread(dealt)

    rows, groups, (smallest, largest) = await in_thread(deal, stop=job.stop)
    async with job.step() as session:
        row = await session.get(Grouping, key, with_for_update=True, populate_existing=True)
        if row is None or row.status != "planning":
            return
        await _take_the_place_of_earlier_ones(session, row)
        await insert_many(session, _PLACES, rows)
        row.status, row.planned_at = "planned", job.runtime.clock()
        row.members, row.groups, row.smallest, row.largest = len(rows), groups, smallest, largest
        job.total = len(rows)
        job.advance(done=len(rows))


async def _take_the_place_of_earlier_ones(session: AsyncSession, row: Grouping) -> None:
    """Plans that nobody made groups of are not kept beside a newer one for the same members."""
    earlier = delete(Grouping).where(
        col(Grouping.scope_id) == row.scope_id,
        col(Grouping.status).in_(["planning", "planned"]),
        col(Grouping.created_at) <= row.created_at,
        col(Grouping.id) != row.id,
    )
    await session.execute(earlier)


def _late(
    key: UUID, placed: Sequence[tuple[UUID, UUID]], sizes: Mapping[UUID, int]
) -> tuple[list[dict[str, Any]], int, tuple[int, int]]:
    numbers = {group_id: number for number, group_id in enumerate(sorted(sizes), start=1)}
    after = dict(sizes)
    for _, group_id in placed:
        after[group_id] += 1
    rows = [
        {"grouping_id": key, "member_id": member_id, "number": numbers[group_id], "group_id": group_id}
        for member_id, group_id in placed
    ]
    return rows, len(sizes), (min(after.values(), default=0), max(after.values(), default=0))


async def _candidates(session: AsyncSession, grouping: Grouping, now: datetime) -> list[Candidate]:
    """Who is to be dealt: members but owners and operators; of late ones who was in none of the groups, unless their membership ended since."""
    wanted = (
        select(col(Member.id), col(Member.roles), col(Person.department_code), col(Member.skills))
        .join(Person, col(Person.id) == col(Member.person_id))
        .where(col(Member.community_id) == grouping.community_id, col(Member.status).not_in(sorted(ENDED)))
    )
    if grouping.cohort_id is not None:
        wanted = wanted.where(col(Member.cohort_id) == grouping.cohort_id)
    if grouping.of_id != grouping.id:
        # Who left a group, or was taken out of it, is not put back by a machine.
        there = select(col(GroupMember.member_id)).where(
            col(GroupMember.grouping_id) == grouping.of_id,
            col(GroupMember.left_at).is_(None) | col(GroupMember.ended).in_(["left", "taken_out"]),
        )
        wanted = wanted.where(col(Member.id).not_in(there))
    rows = await session.execute(wanted)
    by_skill = grouping.by == "skill"
    return [
        Candidate(id_, code, frozenset(map(skill_key, skills)) if by_skill else frozenset())
        for id_, roles, code, skills in rows
        if not {"owner", "operator"} & roles.keys()
    ]


async def _sizes(session: AsyncSession, grouping: Grouping) -> dict[UUID, int]:
    there = select(col(Group.id), col(Group.members)).where(
        col(Group.grouping_id) == grouping.of_id, col(Group.dissolved_at).is_(None)
    )
    return {row.id: row.members for row in await session.execute(there)}


@jobs.kind(APPLY)
async def apply_grouping(job: JobRun) -> None:
    """Make the groups, some at a time, and put their members in."""
    key = UUID(job.params["grouping_id"])
    await job.in_steps(lambda session, size: _groups(session, job, key, size), first=FIRST, most=MOST)


async def _groups(session: AsyncSession, job: JobRun, key: UUID, most: int) -> bool:
    now = job.runtime.clock()
    grouping = await session.get_one(Grouping, key)
    after = job.result.get("after", 0)
    counted = (
        select(_PLACES.c.number, func.count().label("members"))
        .where(_PLACES.c.grouping_id == key, _PLACES.c.number > after)
        .group_by(_PLACES.c.number)
        .order_by(_PLACES.c.number)
        .limit(most)
    )
    numbers: list[int] = []
    room = most
    for row in await session.execute(counted):
        room -= row.members
        if numbers and room < 0:
            break
        numbers.append(row.number)
    if not numbers:
        done = await session.get_one(Grouping, key, with_for_update=True)
        done.status, done.applied_at, done.placed = "applied", now, job.result.get("placed", 0)
        return False
    places: dict[int, list[Any]] = {number: [] for number in numbers}
    wanted = select(_PLACES).where(_PLACES.c.grouping_id == key, _PLACES.c.number.in_(numbers))
    for row in await session.execute(wanted.order_by(_PLACES.c.number, _PLACES.c.member_id)):
        places[row.number].append(row)
    placed = await _put_in(session, grouping, places, now)
    dealt = sum(map(len, places.values()))
    job.total = grouping.members
    job.result = {"after": numbers[-1], "placed": job.result.get("placed", 0) + placed}
    job.advance(done=dealt)
    return True


async def _put_in(session: AsyncSession, grouping: Grouping, places: Mapping[int, Sequence[Any]], now: datetime) -> int:
    """Put the members into their groups, which are made where they are not there; returns how many came in."""
    ids = [row.member_id for rows in places.values() for row in rows]
    members = await queries.locked_members(session, grouping.community_id, ids)
    theirs = await queries.belongings(session, list(members))
    free = {
        one
        for one, rows in theirs.items()
        if len(rows) < MOST_GROUPS and all(row.grouping_id != grouping.of_id for row in rows)
    }
    there = {rows[0].group_id for rows in places.values()} - {None}
    groups = {group.id: group for group in await queries.locked_groups(session, there)}
    before = await queries.pairs_of(session, there, free)
    cohort = await session.get(Cohort, grouping.cohort_id) if grouping.cohort_id is not None else None
    formed: dict[int, Group] = {}
    coming = []
    for number, rows in places.items():
        group = groups.get(rows[0].group_id) if rows[0].group_id is not None else None
        if group is None and rows[0].group_id is None:
            group = _new_group(grouping, cohort, number, now)
            session.add(group)
            formed[number] = group
        if group is None or group.dissolved_at is not None:
            continue
        arriving = [row.member_id for row in rows if row.member_id in free][: LARGEST - group.members]
        group.capacity = max(group.capacity, group.members + len(arriving))
        coming += [(group, before.get((group.id, one)) or _new_pair(group, one, now)) for one in arriving]
    await session.flush()
    await _note_groups(session, grouping, formed)
    session.add_all([row for _, row in coming])
    await emit_many(session, [told_of_group(GroupFormed, group, now) for group in formed.values()])
    await take_in(session, coming, now)
    return len(coming)


async def _note_groups(session: AsyncSession, grouping: Grouping, formed: Mapping[int, Group]) -> None:
    # Who reads the places later finds the groups that were made of them.
    if not formed:
        return
    made = case({number: group.id for number, group in formed.items()}, value=_PLACES.c.number)
    here = (_PLACES.c.grouping_id == grouping.id, _PLACES.c.number.in_(list(formed)))
    await session.execute(update(_PLACES).where(*here).values(group_id=made))


def _new_group(grouping: Grouping, cohort: Cohort | None, number: int, now: datetime) -> Group:
    # Nobody wrote this name: there is nothing for moderation to read.
    name = f"第{number}组" if cohort is None else f"{cohort.name[:80]} 第{number}组"
    return Group(
        community_id=grouping.community_id,
        cohort_id=grouping.cohort_id,
        grouping_id=grouping.of_id,
        name=name,
        readable=True,
        capacity=max(SMALLEST, grouping.largest or 0),
        leaderless_since=now,
        created_at=now,
    )


def _new_pair(group: Group, member_id: UUID, now: datetime) -> GroupMember:
    return GroupMember(
        group_id=group.id,
        member_id=member_id,
        community_id=group.community_id,
        grouping_id=group.grouping_id,
        since=now,
    )
