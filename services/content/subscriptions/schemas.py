"""Subscriptions as answers."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from chassis.web.named import Closed
from chassis.web.schemas import ResponseModel

TARGET = Closed("SubscriptionKind", Literal["discussion", "tag"])


class SubscriptionTargetPublic(ResponseModel):
    """What somebody wants to hear of."""

    kind: Annotated[str, TARGET]
    id: UUID | None = Field(description="Null for a tag.")
    tag: str | None
    title: str | None = Field(description="Null for a tag, and for what the caller does not see any more.")


class SubscriptionPublic(ResponseModel):
    """Something that the caller wants to hear of."""

    community_id: UUID
    target: SubscriptionTargetPublic
    since: datetime


def subscription_shown(row: Any, title: str | None) -> SubscriptionPublic:
    """A subscription as its member reads it."""
    target = SubscriptionTargetPublic(
        kind=row.target_kind, id=None if row.tag else row.target_id, tag=row.tag, title=title
    )
    return SubscriptionPublic(community_id=row.community_id, target=target, since=row.changed_at)


class TagFollowedPublic(ResponseModel):
    """Whether the caller follows a tag."""

    community_id: UUID
    tag: str
    subscribed: bool
