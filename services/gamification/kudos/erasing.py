"""What a person said in kudos goes when they are erased."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from services.gamification.base import known
from services.gamification.kudos.models import Kudos


async def erase(session: AsyncSession, person_id: UUID, _now: datetime) -> None:
    """That kudos were given stays: they were counted, and paid."""
    theirs = select(known.members.c.id).where(known.members.c.person_id == person_id)
    await session.execute(update(Kudos).where(col(Kudos.giver_id).in_(theirs)).values(text=""))
