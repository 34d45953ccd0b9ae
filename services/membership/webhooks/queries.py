"""Reading endpoints."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.contributions import Waiting
from chassis.database.listing import Listing
from services.membership.webhooks.models import Webhook, WebhookDelivery


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


def deliveries(webhook_id: UUID, status: str | None) -> Listing:
    """What an endpoint was sent or is to be sent, the newest first."""
    found = select(WebhookDelivery).where(col(WebhookDelivery.webhook_id) == webhook_id)
    if status is not None:
        found = found.where(col(WebhookDelivery.status) == status)
    return Listing(found, [col(WebhookDelivery.created_at).desc(), col(WebhookDelivery.id).desc()])


async def switched_off(session: AsyncSession, community_id: UUID, _now: datetime, _member_id: UUID | None) -> Waiting:
    """The community's endpoints that were switched off."""
    found = select(func.count(), func.min(col(Webhook.status_since))).where(
        col(Webhook.community_id) == community_id, col(Webhook.status) == "off"
    )
    count, oldest_at = (await session.execute(found)).one()
    return Waiting(count=count, oldest_at=oldest_at, href=f"/v1/webhooks?community_id={community_id}")
