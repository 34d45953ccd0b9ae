"""What a person wrote by name in surveys goes when they are erased; scores stay, since nothing is counted again."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from services.events.base import known
from services.events.surveys.models import SurveyAnswer
from services.events.surveys.rules import without_texts


async def erase(session: AsyncSession, person_id: UUID, _now: datetime) -> None:
    """What was written without a name is nobody's, and stays."""
    theirs = select(known.members.c.id).where(known.members.c.person_id == person_id)
    found = select(SurveyAnswer).where(col(SurveyAnswer.member_id).in_(theirs)).order_by(col(SurveyAnswer.id))
    for row in (await session.execute(found.with_for_update())).scalars():
        row.given = without_texts(row.given)
    await session.flush()
