"""The tables of guests."""

from uuid import UUID

from sqlmodel import Field

from chassis.database.base import JsonDocument
from services.content.base import Base


class Guest(Base, table=True):
    """A speaker from outside, by the message that told of them last. Its row is the lock for what they send.

    `link_id` is the last link that they were given; while `stands`, who came by it is let in.
    """

    __tablename__ = "guests"

    invitation_id: UUID = Field(primary_key=True)
    activity_id: UUID = Field(index=True)
    community_id: UUID
    name: str | None = Field(default=None, max_length=120)
    link_id: UUID | None = None
    stands: bool = False
    withdrawn: bool = False
    version: int


class GuestActivity(Base, table=True):
    """An activity, as far as guests need it: who runs it, and whether it was cancelled, by the message that told of it last."""

    __tablename__ = "guest_activities"

    activity_id: UUID = Field(primary_key=True)
    community_id: UUID
    organiser_ids: list[str] = Field(default_factory=list, sa_type=JsonDocument, nullable=False)
    cancelled: bool = False
    version: int
