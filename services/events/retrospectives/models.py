"""The table of retrospectives."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from chassis.database.base import JsonDocument
from chassis.database.constraints import unique
from chassis.ids import new_id
from chassis.problems import ALREADY_EXISTS
from services.events.base import Base


class Retrospective(Base, table=True):
    """Of an activity that took place, or of a community's month. It is there before anybody has written it.

    `written_at`: since when all three parts are written; `writer_ids`: who wrote, by name.
    """

    __tablename__ = "retrospectives"
    __table_args__ = (
        # An activity completes once, under its lock.
        unique("activity_id", answers=None),
        unique("community_id", "month", answers=ALREADY_EXISTS, field="month"),
        CheckConstraint("(activity_id IS NULL) <> (month IS NULL)", name="about"),
        Index(None, "community_id", "written_at", "due_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID
    activity_id: UUID | None = Field(default=None, foreign_key="activities.id")
    month: str | None = Field(default=None, max_length=7)
    due_at: datetime
    kept: str = ""
    to_change: str = ""
    insight: str = ""
    writer_ids: list[str] = Field(default_factory=list, sa_type=JsonDocument, nullable=False)
    written_at: datetime | None = None
    version: int = 1
    created_at: datetime

    @property
    def is_whole(self) -> bool:
        """Whether all three parts are written."""
        return all(one.strip() for one in (self.kept, self.to_change, self.insight))
