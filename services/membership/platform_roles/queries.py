"""Who has which platform role."""

from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.membership.platform_roles.models import PlatformRole


async def platform_roles_of(session: AsyncSession, person_id: UUID) -> list[str]:
    """The platform roles a person has, sorted."""
    roles = await session.exec(select(PlatformRole.role).where(col(PlatformRole.person_id) == person_id))
    return sorted(roles)
