"""Who has which platform role."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func
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


async def platform_role_since(session: AsyncSession, person_id: UUID) -> datetime | None:
    """Since when the person has had one; None where they have none."""
    return (await _SINCE.all(session, person_id=person_id))[0]


_SINCE = Prepared(
    select(func.min(col(PlatformRole.granted_at))).where(col(PlatformRole.person_id) == bindparam("person_id"))
)
