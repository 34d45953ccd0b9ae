"""Members are told before points of theirs run out: each community's morning begins a job that tells them, in lots."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, not_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.jobs import JobRun, Jobs, start_job
from chassis.messaging.outbox import Outgoing, emit_many
from chassis.messaging.parts import in_parts
from chassis.projections.communities import known_community
from chassis.projections.members import LEFT_STATUSES
from chassis.security.authority import CommunityFacts
from chassis.timers import Timer, Timers
from contracts.gamification import RemindedPlan, ReminderDue
from services.gamification.base import known
from services.gamification.ledger.lots import overdue
from services.gamification.ledger.models import ExpiryPolicy, LotRow
from services.gamification.ledger.policies import due_of
from services.gamification.ledger.reminding_rules import days_told, morning_of

REMIND: Final = "ledger.remind"
_lots: Any = LotRow.__table__  # type: ignore[attr-defined]
_members = known.members.c

jobs, timers = Jobs(), Timers()


@timers.every(timedelta(minutes=30), kind="ledger.begin_reminders")
async def begin_morning(session: AsyncSession, timer: Timer) -> None:
    """Begin the morning of those communities whose points run out; whose was missed is made up for by the next."""
    policies = await session.exec(select(ExpiryPolicy).where(col(ExpiryPolicy.kind) != "never"))  # type: ignore[call-overload]
    for policy in policies.scalars():
        community = await known_community(session, policy.community_id)
        if community is None or community.status == "archived":
            continue
        day = _morning(community, timer.now)
        if day is not None and _reminded_on(policy, community) < day:
            params = {"community_id": str(policy.community_id)}
            await start_job(session, REMIND, params, caller=None, now=timer.now, community_id=policy.community_id)


@jobs.kind(REMIND)
async def remind(job: JobRun) -> None:
    """Tell those whose points run out soon: all of a morning, or, where it fails, none, until another job does."""
    # A job that had to wait tells as of when it does, or, where it is evening by then, leaves it for the next morning.
    now, community_id = job.runtime.clock(), UUID(job.params["community_id"])
    # At a year's end it is everybody: they are found before anything is locked that others write, too.
    async with job.runtime.database.reading() as session:
        found = await _morning_of(session, await session.get(ExpiryPolicy, community_id), now)
    if found is None:
        return
    async with job.step() as session:
        # Its lock decides which of two jobs tells. Where another told, or its owner said something else meanwhile, this one does not.
        policy = await session.get(ExpiryPolicy, community_id, with_for_update=True, populate_existing=True)
        if policy is None or _said(policy) != found.said:
            return
        await emit_many(session, found.messages)
        job.advance(done=len(found.messages))
        policy.reminded_on = found.reminded_on
        session.add(policy)


@dataclass(frozen=True, slots=True)
class _Morning:
    """What is told on a morning, and what the policy said when it was found."""

    said: tuple[Any, ...]
    reminded_on: date
    messages: list[Outgoing]


def _said(policy: ExpiryPolicy) -> tuple[Any, ...]:
    return policy.kind, policy.months, policy.since, policy.reminded_on


async def _morning_of(session: AsyncSession, policy: ExpiryPolicy | None, now: datetime) -> _Morning | None:
    community = await known_community(session, policy.community_id) if policy is not None else None
    day = _morning(community, now) if community is not None else None
    if policy is None or community is None or day is None or policy.kind == "never":
        return None
    messages: list[Outgoing] = []
    for gone_on, lead in days_told(day, _reminded_on(policy, community)):
        messages += await _messages(session, policy, community, gone_on, lead, now)
    return _Morning(_said(policy), max(day, _reminded_on(policy, community)), messages)


def _morning(community: CommunityFacts, now: datetime) -> date | None:
    zone, begins = community.time_zone, community.day_starts_at
    return morning_of(now, community.day_of(now), time_zone=zone, day_starts_at=begins)


def _reminded_on(policy: ExpiryPolicy, community: CommunityFacts) -> date:
    """The last day on whose morning members were told; none was before the policy."""
    return policy.reminded_on or community.day_of(policy.since) - timedelta(days=1)


async def _messages(
    session: AsyncSession, policy: ExpiryPolicy, community: CommunityFacts, day: date, lead: str, now: datetime
) -> list[Outgoing]:
    """What is told of points that run out when a day begins, in lots."""
    gone = _gone_on(policy, community, day)
    if gone is None:
        return []
    members = await _whose(session, community.id, gone)
    due_at = community.began(day)
    return [
        Outgoing(
            ReminderDue(
                community_id=community.id,
                object=RemindedPlan(kind="points", id=community.id),
                title=community.name,
                due_at=due_at,
                lead=lead,
                **part._asdict(),
            ),
            1,
            now,
        )
        for part in in_parts(members)
    ]


def _gone_on(policy: ExpiryPolicy, community: CommunityFacts, day: date) -> ColumnElement[bool] | None:
    """Lots that run out when a day begins, and not when the day before did; by what decides it on the day itself."""
    due = due_of(policy, community, community.began(day))
    before = due_of(policy, community, community.began(day - timedelta(days=1)))
    if due is None:
        return None
    return overdue(due) if before is None else overdue(due) & not_(overdue(before))


async def _whose(session: AsyncSession, community_id: UUID, which: ColumnElement[bool]) -> list[UUID]:
    """The members who have such lots; without those who left."""
    statement = (
        select(_lots.c.member_id)
        .join(known.members, _members.id == _lots.c.member_id)
        .where(_lots.c.community_id == community_id, which, _members.status.not_in(sorted(LEFT_STATUSES)))
    )
    return list((await session.execute(statement.distinct().order_by(_lots.c.member_id))).scalars())
