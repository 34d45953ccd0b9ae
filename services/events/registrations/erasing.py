"""What a person answered when they registered, and why they asked for leave, goes when they are erased."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from services.events.base import known
from services.events.registrations.models import Registration, RegistrationAnswers


async def erase(session: AsyncSession, person_id: UUID, _now: datetime) -> None:
    """That they were registered stays: seats and no-shows are counted."""
    theirs = select(known.members.c.id).where(known.members.c.person_id == person_id)
    of_them = select(col(Registration.id)).where(col(Registration.member_id).in_(theirs))
    await session.execute(delete(RegistrationAnswers).where(col(RegistrationAnswers.registration_id).in_(of_them)))
    gave_reasons = (col(Registration.member_id).in_(theirs), col(Registration.leave_reason).is_not(None))
    await session.execute(update(Registration).where(*gave_reasons).values(leave_reason=None))
