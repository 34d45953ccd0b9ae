"""What a home shows of goals."""

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.contributions import Visit
from services.analytics.goals.queries import due_first
from services.analytics.goals.schemas import GoalPublic
from services.analytics.goals.views import goals_shown


async def goals(session: AsyncSession, visit: Visit) -> list[GoalPublic] | None:
    """The goals that are due first, with what the member did for them."""
    if visit.member is None:
        return None
    return await goals_shown(session, await due_first(session, visit.community_id), visit.caller)
