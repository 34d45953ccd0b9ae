"""What plans are called in the entries of wallets."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import among
from services.gamification.plans.models import CheckinPlan
from services.gamification.wallets.occasions import Sources


async def name_plans(session: AsyncSession, sources: Sources) -> Mapping[UUID, str]:
    """The titles of the plans among the sources."""
    ids = sources.ids.get("plan")
    if not ids:
        return {}
    statement = select(col(CheckinPlan.id), col(CheckinPlan.title)).where(among(session, col(CheckinPlan.id), ids))
    return {row.id: row.title for row in await session.execute(statement)}
