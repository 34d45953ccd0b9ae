"""The table of subscriptions."""

from datetime import datetime
from uuid import UUID, uuid5

from sqlalchemy import Index
from sqlmodel import Field

from chassis.database.base import Publishing
from chassis.database.constraints import unique
from chassis.ids import new_id
from services.content.base import Base


class Subscription(Base, Publishing, table=True):
    """A member wants to hear of something, now or no longer: again it is the same subscription. A tag has an id made of its name."""

    __tablename__ = "subscriptions"
    __table_args__ = (
        # Written where it is not there yet.
        unique("member_id", "target_id", answers=None),
        Index(None, "target_id", "is_on"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID
    member_id: UUID
    target_kind: str = Field(max_length=16)
    target_id: UUID
    tag: str | None = Field(default=None, max_length=30)
    is_on: bool
    created_at: datetime
    changed_at: datetime


def id_of_tag(community_id: UUID, tag: str) -> UUID:
    """What stands for a tag of a community where a thing has an id."""
    return uuid5(community_id, f"tag {tag}")
