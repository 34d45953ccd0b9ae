"""Who has which platform role."""

from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import Prepared, bindparam
from services.membership.platform_roles.models import PlatformRole


async def platform_roles_of(session: AsyncSession, person_id: UUID) -> list[str]:
    """The platform roles a person has, sorted."""
    return await _ROLES.all(session, person_id=person_id)


_ROLES = Prepared(
    select(PlatformRole.role)
    .where(col(PlatformRole.person_id) == bindparam("person_id"))
    .order_by(col(PlatformRole.role))
)
