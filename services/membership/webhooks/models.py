"""The tables of webhooks."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from chassis.database.base import JsonDocument
from chassis.ids import new_id
from services.membership.base import Base


class Webhook(Base, table=True):
    """An endpoint: where messages of some types are sent, of one community or, without one, of the platform.

    Its key follows from the installation's secret and `key_id`; the one before is good until `old_key_until`. `owner_id` is the person
    who answers for it, and no foreign key: checking that would lock people after communities. `status` off: by `off_cause`, until somebody resumes it.
    """

    __tablename__ = "webhooks"
    __table_args__ = (
        CheckConstraint("status IN ('active', 'paused', 'off')", name="status"),
        CheckConstraint("(status = 'off') = (off_cause IS NOT NULL)", name="off"),
        Index(None, "community_id", "created_at", "id"),
        Index(None, "owner_id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID | None = Field(default=None, foreign_key="communities.id")
    owner_id: UUID
    url: str = Field(max_length=1000)
    types: list[str] = Field(sa_type=JsonDocument)
    description: str | None = Field(default=None, max_length=200)
    status: str = Field(default="active", max_length=16)
    off_cause: str | None = Field(default=None, max_length=16)
    status_since: datetime
    key_id: UUID = Field(default_factory=new_id)
    old_key_id: UUID | None = None
    old_key_until: datetime | None = None
    version: int = 1
    created_at: datetime
