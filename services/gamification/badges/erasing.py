"""Why somebody was given a badge by hand, or lost one, goes when they are erased."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from services.gamification.badges.models import BadgeAward
from services.gamification.base import known


async def erase(session: AsyncSession, person_id: UUID, _now: datetime) -> None:
    """That they had it stays: levels and others' boards were built on it."""
    theirs = select(known.members.c.id).where(known.members.c.person_id == person_id)
    said = {"reason": None, "revoked_because": None}
    await session.execute(update(BadgeAward).where(col(BadgeAward.member_id).in_(theirs)).values(**said))
