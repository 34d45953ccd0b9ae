"""Of who is erased it is no longer kept what they have read; what they wrote stays, as the work of whoever keeps the bank."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from services.events.question_banks.models import QuestionBankReader


async def erase(session: AsyncSession, person_id: UUID, _now: datetime) -> None:
    """Forget which banks they have read."""
    await session.execute(delete(QuestionBankReader).where(col(QuestionBankReader.person_id) == person_id))
