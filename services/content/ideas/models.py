"""The tables of ideas."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from chassis.database.base import JsonDocument, Publishing
from chassis.ids import new_id
from services.content.base import Base


class Idea(Base, Publishing, table=True):
    """An idea. Its row is the lock for its votes, which are counted there.

    `answer_due_at`: until when it should no longer be open. `merged_into_id` never changes: the end of a chain of merges has none.
    """

    __tablename__ = "ideas"
    __table_args__ = (
        CheckConstraint("votes >= 0", name="votes"),
        CheckConstraint("(status = 'duplicate') = (merged_into_id IS NOT NULL)", name="merged"),
        Index(None, "community_id", "created_at", "id"),
        Index(None, "community_id", "votes", "id"),
        Index(None, "author_id", "created_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID
    title: str = Field(max_length=200)
    excerpt: str = Field(max_length=200)
    resources: str = Field(default="", max_length=1000)
    tags: list[str] = Field(default_factory=list, sa_type=JsonDocument, nullable=False)
    mentions: list[str] = Field(default_factory=list, sa_type=JsonDocument, nullable=False)
    author_id: UUID
    status: str = Field(default="open", max_length=16)
    causes: list[str] = Field(default_factory=list, sa_type=JsonDocument, nullable=False)
    removed_at: datetime | None = None
    votes: int = 0
    answer_due_at: datetime | None = None
    sponsor_id: UUID | None = None
    outcome_text: str | None = Field(default=None, max_length=2000)
    decided_by_id: UUID | None = None
    decided_at: datetime | None = None
    merged_into_id: UUID | None = Field(default=None, foreign_key="ideas.id", index=True)
    version: int = 1
    created_at: datetime
    edited_at: datetime | None = None


class IdeaText(Base, table=True):
    """What its author wrote, apart from the row that every list reads."""

    __tablename__ = "idea_texts"

    idea_id: UUID = Field(primary_key=True, foreign_key="ideas.id")
    body: str
    body_html: str
    waiting: dict[str, Any] | None = Field(default=None, sa_type=JsonDocument)
    """An edit that waits for a moderator."""


class IdeaTag(Base, table=True):
    """A tag, for looking ideas up by it."""

    __tablename__ = "idea_tags"
    __table_args__ = (Index(None, "community_id", "tag", "idea_id"),)

    idea_id: UUID = Field(primary_key=True, foreign_key="ideas.id")
    tag: str = Field(max_length=30, primary_key=True)
    community_id: UUID


class IdeaVote(Base, Publishing, table=True):
    """A member's vote, whether it is given now or was taken back: given again it is the same one."""

    __tablename__ = "idea_votes"
    __table_args__ = (Index(None, "member_id", "idea_id"),)

    idea_id: UUID = Field(primary_key=True, foreign_key="ideas.id")
    member_id: UUID = Field(primary_key=True)
    given: bool = True
    voted_at: datetime
