"""What seasons are called in the entries of wallets."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import among
from services.gamification.seasons.models import Season
from services.gamification.wallets.occasions import Sources


async def name_seasons(session: AsyncSession, sources: Sources) -> Mapping[UUID, str]:
    """The titles of the seasons among the sources."""
    ids = sources.ids.get("season")
    if not ids:
        return {}
    statement = select(col(Season.id), col(Season.title)).where(among(session, col(Season.id), ids))
    return {row.id: row.title for row in await session.execute(statement)}
