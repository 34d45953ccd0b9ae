"""Who has a password."""

from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.membership.credentials.models import Credential


async def has_password(session: AsyncSession, person_id: UUID) -> bool:
    """Whether the person has set a password."""
    found = await session.exec(select(Credential.person_id).where(col(Credential.person_id) == person_id))
    return found.first() is not None
