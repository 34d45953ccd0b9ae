"""What members want to hear of."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, false, or_, select
from sqlmodel import col

from chassis.database.listing import Listing
from services.content.subscriptions.models import Subscription
from services.content.unnamed.masks import worn_by

_ORDER: list[ColumnElement[Any]] = [col(Subscription.changed_at).desc(), col(Subscription.id).desc()]


def listing(community_id: UUID, member_id: UUID | None) -> Listing:
    """What a member follows, the latest first."""
    if member_id is None:
        return Listing(select(Subscription).where(false()), _ORDER)
    own = or_(col(Subscription.member_id) == member_id, col(Subscription.member_id).in_(worn_by([member_id])))
    mine = select(Subscription).where(
        col(Subscription.community_id) == community_id,
        own,
        col(Subscription.is_on),
    )
    return Listing(mine, _ORDER)
