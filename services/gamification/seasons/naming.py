"""What seasons are called in the entries of wallets."""

from collections.abc import Mapping
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.gamification.seasons.models import Season
from services.gamification.wallets.naming import titles_of
from services.gamification.wallets.occasions import Sources


async def name_seasons(session: AsyncSession, sources: Sources) -> Mapping[UUID, str]:
    """The titles of the seasons among the sources."""
    return await titles_of(session, sources, "season", Season)
