"""Reading endpoints."""

from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.listing import Listing
from services.membership.webhooks.models import Webhook


def webhooks(community_id: UUID | None) -> Listing:
    """A community's endpoints, or the platform's, the oldest first."""
    return Listing(
        select(Webhook).where(col(Webhook.community_id).is_not_distinct_from(community_id)),
        [col(Webhook.created_at).asc(), col(Webhook.id).asc()],
    )


async def how_many(session: AsyncSession, community_id: UUID | None, owner_id: UUID) -> int:
    """How many there are in a community, or of one person for the platform."""
    found = select(func.count()).where(col(Webhook.community_id).is_not_distinct_from(community_id))
    if community_id is None:
        found = found.where(col(Webhook.owner_id) == owner_id)
    return int((await session.execute(found)).scalar_one())
