"""Who leaves the community takes part in its plans no longer, plan by plan, a transaction each."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.messaging.handlers import Handlers, Received
from chassis.projections.members import LEFT_STATUSES, known_member
from chassis.timers import Late, Timer, Timers, again, schedule
from contracts.membership import MEMBER_STATES
from services.gamification.plans.models import CheckinPlan, PlanParticipant
from services.gamification.plans.queries import participant

LEAVE: Final = "member.leaves_plans"

handlers, timers = Handlers(), Timers()


@handlers.on(*MEMBER_STATES)
async def follow_who_leaves_plans(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """Begin to give back the places of those who left."""
    for message in messages:
        if message.data.status in LEFT_STATUSES:
            await schedule(session, LEAVE, message.data.member_id, message.occurred_at)


@timers.on(LEAVE, late=Late.BEGINNING)
async def give_back(session: AsyncSession, timer: Timer) -> None:
    """Give back their place in one plan, and come again for the next. What they did stays."""
    member = await known_member(session, timer.subject_id)
    if member is None or member.status not in LEFT_STATUSES:
        # They are back meanwhile, and keep what is left.
        return
    first = (
        select(col(PlanParticipant.plan_id))
        .where(col(PlanParticipant.member_id) == timer.subject_id, col(PlanParticipant.left_at).is_(None))
        .order_by(col(PlanParticipant.plan_id))
        .limit(1)
    )
    plan_id = (await session.execute(first)).scalar_one_or_none()
    if plan_id is None:
        return
    plan = await session.get_one(CheckinPlan, plan_id, with_for_update=True, populate_existing=True)
    row = await participant(session, plan_id, timer.subject_id)
    if row is not None and row.left_at is None:
        row.left_at = timer.now
        plan.participants -= 1
    await again(session, timer)
