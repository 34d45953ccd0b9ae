"""Completed plans told once more, for consumers that are new or lost messages (`qunxue republish gamification deeds`)."""

from collections.abc import AsyncIterator
from datetime import datetime

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.walking import walk
from chassis.messaging.outbox import Outgoing
from services.gamification.plans.completing import message_of
from services.gamification.plans.models import CheckinPlan, PlanParticipant


async def plan_deeds(session: AsyncSession, since: datetime | None) -> AsyncIterator[Outgoing]:
    """Every completion, or those from a moment on, in order of plan and member."""
    statement = (
        select(CheckinPlan, PlanParticipant)
        .join(PlanParticipant, col(PlanParticipant.plan_id) == col(CheckinPlan.id))
        .where(col(PlanParticipant.completed_at).is_not(None))
    )
    if since is not None:
        statement = statement.where(col(PlanParticipant.completed_at) >= since)
    async for plan, row in walk(session, statement, col(PlanParticipant.plan_id), col(PlanParticipant.member_id)):
        told = message_of(plan, row)
        told.backfill = True
        yield told
