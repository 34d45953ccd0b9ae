"""What is forgotten of an erased person: what they learned and taught, and where they were for it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.analytics.base import known
from services.analytics.learning.store import ATTENDANCES, MANAGERS, RECORDS


async def erase(session: AsyncSession, person_id: UUID, _now: datetime) -> None:
    """Delete a person's records, and what they were made of: else the next message about an activity would make them anew."""
    theirs = select(known.members.c.id).where(known.members.c.person_id == person_id)
    await session.execute(delete(ATTENDANCES).where(ATTENDANCES.c.member_id.in_(theirs)))
    await session.execute(delete(RECORDS).where(RECORDS.c.member_id.in_(theirs)))
    await session.execute(delete(RECORDS).where(RECORDS.c.person_id == person_id))
    await session.execute(MANAGERS.update().where(MANAGERS.c.person_id == person_id).values(person_id=None))
