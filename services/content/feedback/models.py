"""The tables of feedback: apart from discussions, so that nothing that shows, counts or tells of those comes upon it."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from chassis.database.base import Publishing
from chassis.ids import new_id
from services.content.base import Base


class Feedback(Base, table=True):
    """What a member told operators and owners, or owners alone. Its row is the lock for its replies.

    `answered_at`: when the first reply came that is not its author's. `news_at`: when somebody else last replied or settled it, `read_at`: when
    its author last read it.
    """

    __tablename__ = "feedback"
    __table_args__ = (
        CheckConstraint("addressee IN ('operators', 'owner')", name="addressee"),
        Index(None, "community_id", "created_at", "id"),
        Index(None, "author_id", "created_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID
    addressee: str = Field(max_length=16)
    title: str = Field(max_length=200)
    body: str
    body_html: str
    author_id: UUID
    answer_due_at: datetime
    close_due_at: datetime
    answered_at: datetime | None = None
    news_at: datetime | None = None
    read_at: datetime | None = None
    closed_at: datetime | None = None
    version: int = 1
    created_at: datetime


class FeedbackReply(Base, table=True):
    """A reply to it."""

    __tablename__ = "feedback_replies"
    __table_args__ = (Index(None, "feedback_id", "created_at", "id"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    feedback_id: UUID = Field(foreign_key="feedback.id")
    author_id: UUID
    body: str
    body_html: str
    created_at: datetime


class FeedbackCount(Base, Publishing, table=True):
    """Up to which day a community's feedback was counted and told."""

    __tablename__ = "feedback_counts"

    community_id: UUID = Field(primary_key=True)
    counted_upto: date
