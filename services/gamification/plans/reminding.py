"""Reminding participants who are missing, at a time of the day by their own clocks."""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any, Final

from sqlalchemy import and_, exists, or_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import Prepared, bindparam
from chassis.messaging.outbox import Outgoing, emit_many
from chassis.messaging.parts import in_parts
from chassis.projections.communities import known_community
from chassis.projections.members import LEFT_STATUSES
from chassis.projections.workdays import work_calendar
from chassis.security.authority import CommunityFacts
from chassis.timers import TOO_LATE_TO_TELL, Late, Timer, Timers, cancel, schedule
from contracts.gamification import RemindedPlan, ReminderDue
from services.gamification.base import known
from services.gamification.checkins.queries import zone_for
from services.gamification.plans.completing import asked_for_by
from services.gamification.plans.models import CheckinPlan, PlanEntry, PlanParticipant
from services.gamification.plans.reminding_rules import Reminding

REMIND: Final = "checkin_plan.remind"

timers = Timers()

_members, _people, _sanctions = known.members.c, known.people.c, known.sanctions.c
_HERE = (
    col(PlanParticipant.plan_id) == bindparam("plan_id"),
    col(PlanParticipant.left_at).is_(None),
    _members.status.not_in(sorted(LEFT_STATUSES)),
)
_ZONES: Prepared[Any] = Prepared(
    select(_people.time_zone)
    .select_from(PlanParticipant)
    .join(known.members, _members.id == col(PlanParticipant.member_id))
    .join(known.people, _people.id == _members.person_id)
    .where(*_HERE)
    .distinct()
)
_MISSING: Prepared[Any] = Prepared(
    select(col(PlanParticipant.member_id), _people.time_zone)
    .select_from(PlanParticipant)
    .join(known.members, _members.id == col(PlanParticipant.member_id))
    .join(known.people, _people.id == _members.person_id)
    .outerjoin(known.sanctions, _sanctions.id == _members.id)
    .where(
        *_HERE,
        or_(
            _sanctions.status.is_(None),
            _sanctions.status != "suspended",
            and_(_sanctions.until.is_not(None), _sanctions.until <= bindparam("now", type_=_sanctions.until.type)),
        ),
        ~exists().where(
            col(PlanEntry.plan_id) == col(PlanParticipant.plan_id),
            col(PlanEntry.member_id) == col(PlanParticipant.member_id),
            col(PlanEntry.day) == bindparam("day"),
            col(PlanEntry.status) != "returned",
            col(PlanEntry.removed).is_(False),
        ),
    )
    .order_by(col(PlanParticipant.member_id))
)


async def plan_reminder(session: AsyncSession, plan: CheckinPlan, community: CommunityFacts, now: datetime) -> None:
    """Have those who are missing reminded next; of a plan that is cancelled, over, or reminds nobody, nobody is."""
    reminding = await _reminding(session, plan, community)
    following = None
    if reminding is not None:
        zones = await _zones(session, plan, community)
        following = reminding.next(zones, after=plan.reminded_until or now)
    if following is None:
        await cancel(session, REMIND, plan.id)
    else:
        await schedule(session, REMIND, plan.id, following)


@timers.on(REMIND, late=Late.ENDING)
async def remind(session: AsyncSession, timer: Timer) -> None:
    """Tell who is missing on a day, as of when it was due; what nobody sent within an hour is not sent any more."""
    plan = await session.get(CheckinPlan, timer.subject_id, with_for_update=True, populate_existing=True)
    community = await known_community(session, plan.community_id) if plan is not None else None
    if plan is None or community is None:
        return
    reminding = await _reminding(session, plan, community)
    if reminding is not None:
        too_late = timer.now - TOO_LATE_TO_TELL
        after = max(plan.reminded_until, too_late) if plan.reminded_until is not None else too_late
        zones = await _zones(session, plan, community)
        due = list(reminding.due(zones, after=after, until=timer.now))
        await emit_many(session, await _messages(session, plan, community, reminding, due, timer.now))
        plan.reminded_until = timer.now
    await plan_reminder(session, plan, community, timer.now)


async def _messages(
    session: AsyncSession,
    plan: CheckinPlan,
    community: CommunityFacts,
    reminding: Reminding,
    due: Sequence[tuple[date, str]],
    now: datetime,
) -> list[Outgoing]:
    """What is told of these days, each in zones: in lots, by when the day is over."""
    told: dict[datetime, list[Any]] = {}
    at: dict[datetime, datetime] = {}
    for day in sorted({day for day, _ in due}):
        zones = {zone for of, zone in due if of == day}
        for row in await _MISSING.all(session, plan_id=plan.id, day=day, now=now):
            zone = zone_for(row.time_zone, community.time_zone)
            if zone in zones:
                ends_at = reminding.ends_at(day, zone)
                told.setdefault(ends_at, []).append(row.member_id)
                at[ends_at] = min(reminding.moment(day, zone), now)
    return [
        Outgoing(
            ReminderDue(
                community_id=plan.community_id,
                object=RemindedPlan(id=plan.id),
                title=plan.title,
                due_at=ends_at,
                lead="today",
                **part._asdict(),
            ),
            1,
            at[ends_at],
        )
        for ends_at, members in told.items()
        for part in in_parts(members)
    ]


async def _reminding(session: AsyncSession, plan: CheckinPlan, community: CommunityFacts) -> Reminding | None:
    if plan.remind_at is None or plan.cancelled_at is not None or community.status == "archived":
        return None
    days = asked_for_by(plan, await work_calendar(session))
    return Reminding(days, time.fromisoformat(plan.remind_at), community.day_starts_at)


async def _zones(session: AsyncSession, plan: CheckinPlan, community: CommunityFacts) -> set[str]:
    rows = await _ZONES.all(session, plan_id=plan.id)
    return {community.time_zone, *(zone_for(chosen, community.time_zone) for chosen in rows)}
