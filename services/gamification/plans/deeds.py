"""Completed plans told once more, for consumers that are new or lost messages (`qunxue republish gamification deeds`)."""

from collections.abc import AsyncIterator
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.messaging.outbox import Outgoing
from services.gamification.plans.completing import message_of
from services.gamification.plans.models import CheckinPlan, PlanParticipant

_ROWS = 500


async def plan_deeds(session: AsyncSession, since: datetime | None) -> AsyncIterator[Outgoing]:
    """Every completion, or those from a moment on, in order of plan and member."""
    after = (UUID(int=0), UUID(int=0))
    place = tuple_(col(PlanParticipant.plan_id), col(PlanParticipant.member_id))
    while True:
        statement = (
            select(CheckinPlan, PlanParticipant)
            .join(PlanParticipant, col(PlanParticipant.plan_id) == col(CheckinPlan.id))
            .where(col(PlanParticipant.completed_at).is_not(None), place > after)
            .order_by(col(PlanParticipant.plan_id), col(PlanParticipant.member_id))
            .limit(_ROWS)
        )
        if since is not None:
            statement = statement.where(col(PlanParticipant.completed_at) >= since)
        rows = (await session.execute(statement)).all()
        for plan, row in rows:
            told = message_of(plan, row)
            told.backfill = True
            yield told
        if len(rows) < _ROWS:
            return
        after = (rows[-1][1].plan_id, rows[-1][1].member_id)
        session.expunge_all()
