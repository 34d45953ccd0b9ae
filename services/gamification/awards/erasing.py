"""What was said of a person in awards goes when they are erased."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from services.gamification.awards.models import Award
from services.gamification.base import known


async def erase(session: AsyncSession, person_id: UUID, _now: datetime) -> None:
    """That points were given stays: they were paid."""
    theirs = select(known.members.c.id).where(known.members.c.person_id == person_id)
    said = {"reason": "", "citation": None, "citation_public": None, "refusal": None}
    await session.execute(update(Award).where(col(Award.member_id).in_(theirs)).values(**said))
