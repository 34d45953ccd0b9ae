"""What the days that somebody handed in make of them: counted by the fold, and told once when they complete a plan."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import Prepared, bindparam
from chassis.messaging.outbox import Outgoing, emit_many
from chassis.work_calendar import WorkCalendar
from contracts.gamification import PlanCompleted
from services.gamification.earning import service as earning
from services.gamification.earning.triggers import PLAN_COMPLETED
from services.gamification.plans.models import CheckinPlan, PlanEntry, PlanParticipant
from services.gamification.plans.progress_rules import HandedIn, Progress, progress_of
from services.gamification.plans.rules import days_asked_for, days_needed, is_asked_for

_DAYS: Prepared[Any] = Prepared(
    lambda on: select(
        col(PlanEntry.plan_id), col(PlanEntry.day), col(PlanEntry.status), col(PlanEntry.origin), col(PlanEntry.removed)
    ).where(on.among(col(PlanEntry.plan_id), "ids"), col(PlanEntry.member_id) == bindparam("member_id"))
)


@dataclass(frozen=True, slots=True)
class Settled:
    """How far somebody is with a plan now. `source_id`: the deed of completing it, where they just did."""

    progress: Progress
    needed: int
    source_id: UUID | None = None


def asked_for_by(plan: CheckinPlan, calendar: WorkCalendar) -> list[date]:
    """The days of a plan, in order."""
    return days_asked_for(plan.starts_on, plan.ends_on, plan.days, plan.weekdays, is_workday=calendar.is_workday)


def asks_for(plan: CheckinPlan, day: date, calendar: WorkCalendar) -> bool:
    """Whether a day is one of a plan's."""
    return is_asked_for(day, plan.starts_on, plan.ends_on, plan.days, plan.weekdays, is_workday=calendar.is_workday)


async def settle(
    session: AsyncSession,
    taking_part: Sequence[tuple[CheckinPlan, PlanParticipant]],
    calendar: WorkCalendar,
    now: datetime,
) -> Mapping[UUID, Settled]:
    """Count the days of one member, who is locked, in each of these plans; by plan.

    A plan that their days complete for the first time is completed for good, whatever becomes of its days: it is told, and what rules
    pay for it is paid. Nobody completes one that was cancelled. The wallet must be locked where days may have been added.
    """
    if not taking_part:
        return {}
    await session.flush()
    member_id = taking_part[0][1].member_id
    rows = await _DAYS.all(session, ids=[plan.id for plan, _ in taking_part], member_id=member_id)
    found = {
        plan.id: _settle(
            plan,
            row,
            [
                HandedIn(one.day, one.status, one.origin == "made_up", one.removed)
                for one in rows
                if one.plan_id == plan.id
            ],
            days_needed(len(asked_for_by(plan, calendar)), plan.complete_at),
            now,
        )
        for plan, row in taking_part
    }
    told = [message_of(plan, row) for plan, row in taking_part if found[plan.id].source_id is not None]
    await session.flush()
    await emit_many(session, told)
    deeds = [
        occurrence
        for one in told
        for occurrence in PLAN_COMPLETED.occurrences(one.event, source_id=one.id, occurred_at=one.occurred_at)
    ]
    await earning.record(session, deeds)
    return found


def message_of(plan: CheckinPlan, row: PlanParticipant) -> Outgoing:
    """What is told of a plan that was completed, the same each time."""
    if row.completed_at is None or row.completed_days is None:
        raise ValueError("the plan is not completed")
    message = PlanCompleted(
        community_id=plan.community_id, plan_id=plan.id, member_id=row.member_id, days=row.completed_days
    )
    return Outgoing(message, version=1, occurred_at=row.completed_at, id=_deed(row))


def _settle(plan: CheckinPlan, row: PlanParticipant, days: Sequence[HandedIn], needed: int, now: datetime) -> Settled:
    progress = progress_of(days, needed=needed)
    row.days_done, row.days_made_up = progress.done, progress.made_up
    if progress.completed_on is None or row.completed_at is not None or plan.cancelled_at is not None:
        return Settled(progress, needed)
    row.completed_on, row.completed_at, row.completed_days = progress.completed_on, now, progress.done
    return Settled(progress, needed, _deed(row))


def _deed(row: PlanParticipant) -> UUID:
    return uuid5(row.plan_id, f"completed by {row.member_id}")
