"""What a home shows of the way to the next level."""

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.contributions import Visit
from services.gamification.levels.schemas import ProgressPublic
from services.gamification.levels.views import progress


async def way_on(session: AsyncSession, visit: Visit) -> ProgressPublic | None:
    """The answer of `GET /v1/promotions/progress`."""
    if visit.member is None:
        return None
    return await progress(session, visit.member.id, visit.community_id, visit.now, visit.locale)
