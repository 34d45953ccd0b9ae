"""What goes when a person is erased: what set automations off about them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from services.analytics.automations.models import Automation, AutomationFiring
from services.analytics.base import known


async def erase(session: AsyncSession, person_id: UUID, _now: datetime) -> None:
    """Automations that they wrote stay; nobody wrote them then."""
    theirs = select(known.members.c.id).where(known.members.c.person_id == person_id)
    await session.execute(delete(AutomationFiring).where(col(AutomationFiring.member_id).in_(theirs)))
    await session.execute(
        update(Automation).where(col(Automation.created_by_id).in_(theirs)).values(created_by_id=None)
    )
