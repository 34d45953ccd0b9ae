"""What follows when moderation has decided about a community's name and positioning."""

from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.context import moment_of
from chassis.database.rows import existing
from contracts.membership import CommunityUpdated
from services.membership.communities import naming
from services.membership.communities.models import Community
from services.membership.communities.service import changed


async def lock(session: AsyncSession, community_id: UUID) -> Community:
    """The community, as every change of it locks it."""
    return await existing(session, Community, community_id, lock=True)


async def take_verdict(session: AsyncSession, community: Any, verdict: str) -> None:
    """Let others read what was written, or no longer what was there."""
    if naming.decided(community, verdict):
        await changed(session, CommunityUpdated, community, moment_of(session))
