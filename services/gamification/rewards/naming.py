"""What redemptions are called in the entries of wallets."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import among
from services.gamification.rewards.models import Redemption
from services.gamification.wallets.occasions import Sources


async def name_redemptions(session: AsyncSession, sources: Sources) -> Mapping[UUID, str]:
    """The titles of the redemptions among the sources."""
    ids = sources.ids.get("redemption")
    if not ids:
        return {}
    statement = select(col(Redemption.id), col(Redemption.title)).where(among(session, col(Redemption.id), ids))
    return {row.id: row.title for row in await session.execute(statement)}
