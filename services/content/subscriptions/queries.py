"""What members want to hear of."""

from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from chassis.database.listing import Listing
from services.content.subscriptions.models import Subscription


def listing(community_id: UUID, member_id: UUID | None) -> Listing:
    """What a member follows, the latest first."""
    mine = select(Subscription).where(
        col(Subscription.community_id) == community_id,
        col(Subscription.member_id) == member_id,
        col(Subscription.is_on),
    )
    return Listing(mine, [col(Subscription.changed_at).desc(), col(Subscription.id).desc()])
