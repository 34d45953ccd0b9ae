"""What plans are called in the entries of wallets."""

from collections.abc import Mapping
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.gamification.plans.models import CheckinPlan
from services.gamification.wallets.naming import titles_of
from services.gamification.wallets.occasions import Sources


async def name_plans(session: AsyncSession, sources: Sources) -> Mapping[UUID, str]:
    """The titles of the plans among the sources."""
    return await titles_of(session, sources, "plan", CheckinPlan)
