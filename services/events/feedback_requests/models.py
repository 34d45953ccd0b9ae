"""The tables of feedback requests."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from chassis.database.base import JsonDocument, Publishing
from chassis.ids import new_id
from services.events.base import Base


class FeedbackRequest(Base, table=True):
    """Questions on a piece of work. Its row is the lock for its answers."""

    __tablename__ = "feedback_requests"
    __table_args__ = (
        CheckConstraint("(status = 'open') = (closed_at IS NULL)", name="closed"),
        Index(None, "community_id", "author_id", "id"),
        Index(None, "community_id", "created_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID
    author_id: UUID
    title: str = Field(max_length=200)
    description: str = ""
    questions: list[str] = Field(default_factory=list, sa_type=JsonDocument, nullable=False)
    status: str = Field(default="open", max_length=6)
    closes_at: datetime
    closed_at: datetime | None = None
    version: int = 1
    created_at: datetime


class FeedbackColleague(Base, table=True):
    """A colleague who is asked, and what they answered to each question."""

    __tablename__ = "feedback_colleagues"
    __table_args__ = (
        CheckConstraint("(answers IS NULL) = (answered_at IS NULL)", name="answered"),
        Index(None, "member_id", "request_id"),
    )

    request_id: UUID = Field(primary_key=True, foreign_key="feedback_requests.id")
    member_id: UUID = Field(primary_key=True)
    answers: list[str] | None = Field(default=None, sa_type=JsonDocument)
    answered_at: datetime | None = None


class FeedbackRequestCount(Base, Publishing, table=True):
    """Up to which day a community's requests were counted and told."""

    __tablename__ = "feedback_request_counts"

    community_id: UUID = Field(primary_key=True)
    counted_upto: date
