"""Restating communities for consumers that are new or lost what they knew (`qunxue republish`)."""

from collections.abc import AsyncIterator

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.messaging.outbox import Outgoing
from contracts.membership import CommunitySnapshot
from services.membership.communities.models import Community
from services.membership.communities.service import charter_of, community_message


async def community_snapshots(session: AsyncSession) -> AsyncIterator[Outgoing]:
    """Every community with the present version, in order of id."""
    found = await session.execute(select(Community).order_by(col(Community.id)))
    for community in found.scalars().all():
        message = community_message(CommunitySnapshot, community, await charter_of(session, community))
        yield Outgoing(message, community.messages_published, community.updated_at)
