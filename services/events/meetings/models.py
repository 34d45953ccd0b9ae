"""The tables of meetings and their action items."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from chassis.database.base import JsonDocument, Publishing
from chassis.ids import new_id
from services.events.base import Base


class Meeting(Base, Publishing, table=True):
    """What is talked about at an activity of the kind `meeting`, and what came of it."""

    __tablename__ = "meetings"

    activity_id: UUID = Field(primary_key=True, foreign_key="activities.id")
    community_id: UUID
    agenda: list[dict[str, Any]] = Field(default_factory=list, sa_type=JsonDocument, nullable=False)
    minutes: str = ""
    decisions: list[str] = Field(default_factory=list, sa_type=JsonDocument, nullable=False)
    minuted_at: datetime | None = None
    version: int = 1


class ActionItem(Base, Publishing, table=True):
    """Something that somebody does until a day; it lives on until it is done or dropped, whatever becomes of its meeting."""

    __tablename__ = "action_items"
    __table_args__ = (
        CheckConstraint("(status = 'open') = (closed_at IS NULL)", name="closed"),
        Index(None, "community_id", "status", "due_on", "id"),
        Index(None, "owner_id", "status", "due_on"),
        Index(None, "activity_id", "id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID
    activity_id: UUID = Field(foreign_key="activities.id")
    title: str = Field(max_length=200)
    owner_id: UUID
    due_on: date
    status: str = Field(default="open", max_length=8)
    closed_at: datetime | None = None
    version: int = 1
    created_at: datetime
