"""What a community says about questions."""

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.web.said import said
from services.content.unnamed.models import QuestionPolicy


async def allows_unnamed(session: AsyncSession, community_id: UUID) -> bool:
    """Whether members may ask without being named; at first they may not."""
    return (await said(session, QuestionPolicy, community_id)).unnamed
