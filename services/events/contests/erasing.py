"""What a person answered in contests goes when they are erased; their marks and places stay, as they were told."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from services.events.base import known
from services.events.contests.models import ContestAnswer, ContestAttempt


async def erase(session: AsyncSession, person_id: UUID, now: datetime) -> None:
    """Their attempts end, and are graded no more."""
    theirs = select(known.members.c.id).where(known.members.c.person_id == person_id)
    own = col(ContestAttempt.member_id).in_(theirs)
    await session.execute(update(ContestAttempt).where(own).values(erased=True))
    still = update(ContestAttempt).where(own, col(ContestAttempt.handed_in_at).is_(None))
    await session.execute(still.values(handed_in_at=now, handed_in_by="clock"))
    await session.execute(
        delete(ContestAnswer).where(col(ContestAnswer.attempt_id).in_(select(col(ContestAttempt.id)).where(own)))
    )
