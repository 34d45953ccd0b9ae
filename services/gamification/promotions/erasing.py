"""What was said of a person on the way to a level, and how they argued about others, goes when they are erased."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from services.gamification.base import known
from services.gamification.promotions.models import Nomination, PromotionVote


async def erase(session: AsyncSession, person_id: UUID, _now: datetime) -> None:
    """That they were nominated, how it was decided, and that they voted stays: it was counted."""
    theirs = select(known.members.c.id).where(known.members.c.person_id == person_id)
    about = select(col(Nomination.id)).where(col(Nomination.member_id).in_(theirs))
    votes = or_(col(PromotionVote.member_id).in_(theirs), col(PromotionVote.nomination_id).in_(about))
    await session.execute(update(PromotionVote).where(votes).values(reason=""))
    said = {"reason": "", "decided_because": None}
    await session.execute(update(Nomination).where(col(Nomination.member_id).in_(theirs)).values(**said))
