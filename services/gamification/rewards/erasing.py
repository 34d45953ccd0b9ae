"""To whom something was shipped, and why it was refused, is forgotten with the person."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from services.gamification.base import known
from services.gamification.rewards.models import Redemption


async def erase(session: AsyncSession, person_id: UUID, _now: datetime) -> None:
    """What they had stays, without name, phone and address, and without what was said of why they do not have it."""
    theirs = col(Redemption.member_id).in_(select(known.members.c.id).where(known.members.c.person_id == person_id))
    await session.execute(
        update(Redemption)
        .where(theirs)
        .values(recipient_name=None, recipient_phone=None, recipient_address=None, tracking=None, reason=None)
    )
