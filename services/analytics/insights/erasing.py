"""What goes when a person is erased: that they seemed likely to leave, and whose insights they are."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from services.analytics.base import known
from services.analytics.insights.models import Insight, MemberRisk


async def erase(session: AsyncSession, person_id: UUID, _now: datetime) -> None:
    """Insights stay, with what was seen and done: they are the community's. Who raised or owned one is nobody any more."""
    theirs = select(known.members.c.id).where(known.members.c.person_id == person_id)
    await session.execute(delete(MemberRisk).where(col(MemberRisk.member_id).in_(theirs)))
    for column in (col(Insight.owner_id), col(Insight.raised_by_id)):
        await session.execute(update(Insight).where(column.in_(theirs)).values({column: None}))
