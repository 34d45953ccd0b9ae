"""The table of seasons."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from chassis.database.base import JsonDocument, Publishing
from chassis.ids import new_id
from services.gamification.base import Base


class Season(Base, Publishing, table=True):
    """A season. Its board is the window, which is gone where it was cancelled. `winners`: how many won a prize."""

    __tablename__ = "seasons"
    __table_args__ = (
        CheckConstraint("starts_on <= ends_on", name="dates"),
        CheckConstraint("status IN ('announced', 'closed', 'cancelled')", name="status"),
        CheckConstraint("(status = 'cancelled') = (window_id IS NULL)", name="board"),
        Index(None, "community_id", "starts_on", "id"),
        Index(None, "status", "ends_on"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID
    title: str = Field(max_length=200)
    starts_on: date
    ends_on: date
    prizes: list[dict[str, Any]] = Field(default_factory=list, sa_type=JsonDocument, nullable=False)
    window_id: UUID | None = None
    status: str = Field(default="announced", max_length=16)
    closed_at: datetime | None = None
    winners: int | None = None
    version: int = 1
    created_at: datetime
