"""The table of proposals."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from chassis.database.base import JsonDocument
from chassis.ids import new_id
from services.events.base import Base


class Proposal(Base, table=True):
    """An activity that a member proposes. Once it is accepted, `activity_id` is what became of it."""

    __tablename__ = "activity_proposals"
    __table_args__ = (
        CheckConstraint("(status = 'accepted') = (activity_id IS NOT NULL)", name="accepted"),
        Index(None, "community_id", "status", "created_at", "id"),
        Index(None, "proposer_id", "created_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID
    proposer_id: UUID
    kind: str = Field(max_length=16)
    title: str = Field(max_length=200)
    description: str = ""
    wishes: str = Field(default="", max_length=1000)
    tags: list[str] = Field(default_factory=list, sa_type=JsonDocument, nullable=False)
    hours: float | None = None
    speaks: bool = True
    status: str = Field(default="submitted", max_length=12)
    reason: str | None = Field(default=None, max_length=500)
    decided_by_id: UUID | None = None
    decided_at: datetime | None = None
    activity_id: UUID | None = Field(default=None, foreign_key="activities.id", index=True)
    version: int = 1
    created_at: datetime

    def taken_over(self) -> dict[str, Any]:
        """What the activity has of it."""
        return self.model_dump(include={"community_id", "kind", "title", "description", "tags", "hours"})
