"""Enrolling: what is looked at again after which change, in rounds, and how those who match become members.

A round is a row and a timer of its own. Each of its steps is one transaction; who joined in it is a member, so a step that is done again
finds others. Who was ever a member is left alone: nobody comes back by a rule.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Table
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import insert_many, insert_new
from chassis.days import day_began_at, local_day
from chassis.ids import new_id
from chassis.messaging.outbox import Outgoing, emit_many
from chassis.timers import Late, Timer, Timers, again, schedule, schedule_many
from contracts.membership import MemberJoined
from services.membership.communities.models import Community
from services.membership.communities.occasions import CommunityAssigned, CommunityMoved
from services.membership.departments.occasions import DepartmentsMoved
from services.membership.enrolment import queries
from services.membership.enrolment.models import EnrolmentRound
from services.membership.enrolment.rules import COMMUNITIES_AT_ONCE, STEP, Rule, is_on, rule_of
from services.membership.people.models import Person
from services.membership.people.occasions import PeopleConcerned
from services.membership.roster.joining import member_message
from services.membership.roster.models import Member

ROUND: Final = "enrolment.round"
DAY: Final = "enrolment.day"

timers = Timers()

_ROUNDS: Table = EnrolmentRound.__table__  # type: ignore[attr-defined]
_MEMBERS: Table = Member.__table__  # type: ignore[attr-defined]


# --- what is looked at again ---------------------------------------------------------------------------------------


async def note_people(session: AsyncSession, changed: PeopleConcerned) -> None:
    """People came, came back, or something changed that rules ask for: they are looked at for every community."""
    ids = sorted(set(changed.ids))
    pieces = [[str(one) for one in ids[begin : begin + STEP]] for begin in range(0, len(ids), STEP)]
    await _begin(session, [{"person_ids": piece} for piece in pieces], changed.at)


async def note_departments(session: AsyncSession, moved: DepartmentsMoved) -> None:
    """Departments are below others: everybody is looked at, for every community."""
    await _begin(session, [{}], moved.at)


async def note_assigned(session: AsyncSession, assigned: CommunityAssigned) -> None:
    """The rule of a community, how it is joined, or when its days begin has changed."""
    await _note_community(session, await session.get_one(Community, assigned.community_id), assigned.at)


async def note_moved(session: AsyncSession, moved: CommunityMoved) -> None:
    """A community was opened."""
    await _note_community(session, await session.get_one(Community, moved.community_id), moved.at)


async def _note_community(session: AsyncSession, community: Community, now: datetime) -> None:
    if enrols(community):
        await _begin(session, [{"community_id": community.id}], now)
        await schedule(session, DAY, community.id, _next_day(community, now))


async def _begin(session: AsyncSession, rounds: Sequence[dict[str, Any]], now: datetime) -> None:
    nothing: dict[str, Any] = {"community_id": None, "person_ids": None, "after": None, "begun_at": now}
    rows = [{"id": new_id()} | nothing | one for one in rounds]
    await insert_many(session, _ROUNDS, rows)
    await schedule_many(session, ROUND, {row["id"]: now for row in rows})


def enrols(community: Community) -> bool:
    """Whether a community enrols by its rule now."""
    return is_on(status=community.status, join=community.join, assigned=community.assigned)


def today_of(community: Community, now: datetime) -> date:
    """The community's day, by which its rule counts."""
    return local_day(now, time_zone=community.time_zone, day_starts_at=community.day_starts_at)


def _next_day(community: Community, now: datetime) -> datetime:
    following = date.fromordinal(today_of(community, now).toordinal() + 1)
    return day_began_at(following, time_zone=community.time_zone, day_starts_at=community.day_starts_at)


# --- the clock and the worker --------------------------------------------------------------------------------------


@timers.on(DAY, late=Late.ENDING)
async def begin_day(session: AsyncSession, timer: Timer) -> None:
    """Look at everybody on each day of a community: whose first day it is, and whom a change has missed."""
    community = await session.get(Community, timer.subject_id)
    if community is not None and enrols(community):
        await _begin(session, [{"community_id": community.id}], timer.now)
        await schedule(session, DAY, community.id, _next_day(community, timer.now))


@timers.on(ROUND, late=Late.ENDING)
async def go_on(session: AsyncSession, timer: Timer) -> None:
    """One step of a round."""
    row = await session.get(EnrolmentRound, timer.subject_id)
    if row is None:
        return
    if row.community_id is not None:
        more = await _everybody_in_one(session, row, row.community_id, timer.now)
    elif row.person_ids is not None:
        more = await _some_in_each(session, row, [UUID(one) for one in row.person_ids], timer.now)
    else:
        more = await _each_anew(session, row, timer.now)
    if more:
        await again(session, timer)
    else:
        await session.delete(row)


async def _everybody_in_one(session: AsyncSession, row: EnrolmentRound, community_id: UUID, now: datetime) -> bool:
    joined = await _enrol(session, community_id, now, limit=STEP, after=row.after)
    row.after = joined[-1] if joined else row.after
    return len(joined) == STEP


async def _some_in_each(session: AsyncSession, row: EnrolmentRound, people: Sequence[UUID], now: datetime) -> bool:
    room = STEP
    communities = await queries.assigned_communities(session, row.after)
    for community_id in [one.id for one in communities]:
        room -= len(await _enrol(session, community_id, now, limit=room, people=people))
        if room <= 0:
            # Others of these may match there, too.
            return True
        row.after = community_id
    return len(communities) == COMMUNITIES_AT_ONCE


async def _each_anew(session: AsyncSession, row: EnrolmentRound, now: datetime) -> bool:
    communities = await queries.assigned_communities(session, row.after)
    await _begin(session, [{"community_id": one.id} for one in communities if rule_of(one.assigned).departments], now)
    row.after = communities[-1].id if communities else row.after
    return len(communities) == COMMUNITIES_AT_ONCE


async def _enrol(
    session: AsyncSession,
    community_id: UUID,
    now: datetime,
    *,
    limit: int,
    after: UUID | None = None,
    people: Sequence[UUID] | None = None,
) -> list[UUID]:
    """Make the next who match members. Returns who was looked at, in order; two that enrol in one community come one after the other."""
    community = await queries.locked_community(session, community_id)
    if community is None or not enrols(community):
        return []
    rule, today = rule_of(community.assigned), today_of(community, now)
    found = await queries.to_enrol(session, community, rule, today, limit=limit, after=after, people=people)
    if found:
        await _make_members(session, community_id, rule, found, now)
    return [person.id for person in found]


async def _make_members(
    session: AsyncSession, community_id: UUID, rule: Rule, people: Sequence[Person], now: datetime
) -> None:
    members = {
        person.id: Member(
            id=new_id(),
            community_id=community_id,
            person_id=person.id,
            roles={},
            joined_at=now,
            via="assigned",
            cohort_id=rule.cohort_id,
            recorded_at=now,
        )
        for person in people
    }
    versions = {person_id: member.bump() for person_id, member in members.items()}
    rows = [member.model_dump() for member in members.values()]
    # Somebody else may have made one of them a member just now.
    made = await insert_new(session, _MEMBERS, rows, key=("community_id", "person_id"))
    news = [
        Outgoing(
            member_message(MemberJoined, members[person.id], person, now=now),
            version=versions[person.id],
            occurred_at=now,
        )
        for person in people
        if (community_id, person.id) in made
    ]
    await emit_many(session, news)
