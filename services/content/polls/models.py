"""The tables of polls."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from chassis.database.base import JsonDocument, Publishing
from services.content.base import Base


class Poll(Base, table=True):
    """What a discussion of this kind has beside the others. Choices are numbered from 0; votes are counted under its lock."""

    __tablename__ = "polls"
    __table_args__ = (
        CheckConstraint("results IN ('always', 'voted', 'closed')", name="results"),
        CheckConstraint("voters >= 0", name="voters"),
    )

    discussion_id: UUID = Field(primary_key=True, foreign_key="discussions.id")
    choices: list[str] = Field(sa_type=JsonDocument, nullable=False)
    votes: list[int] = Field(sa_type=JsonDocument, nullable=False)
    voters: int = 0
    several: bool
    results: str = Field(max_length=16)
    closes_at: datetime | None = None


class Vote(Base, Publishing, table=True):
    """What a member chose, which nobody else is told of; empty where they took it back."""

    __tablename__ = "poll_votes"

    discussion_id: UUID = Field(primary_key=True, foreign_key="polls.discussion_id")
    member_id: UUID = Field(primary_key=True)
    choices: list[int] = Field(sa_type=JsonDocument, nullable=False)
    voted_at: datetime
