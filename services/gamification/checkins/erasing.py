"""What a person wrote when they checked in goes when they are erased, and whatever they wrote that waits for moderation."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from services.gamification.base import known, texts
from services.gamification.checkins.models import Checkin


async def erase(session: AsyncSession, person_id: UUID, _now: datetime) -> None:
    """That they checked in stays: it was counted, and paid. Moderation is told of none of their texts any more."""
    theirs = select(known.members.c.id).where(known.members.c.person_id == person_id)
    await session.execute(update(Checkin).where(col(Checkin.member_id).in_(theirs)).values(note=None))
    await session.execute(update(texts.table).where(texts.table.c.author_id.in_(theirs)).values(text=None))
