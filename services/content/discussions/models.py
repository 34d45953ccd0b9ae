"""The tables of discussions."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from chassis.database.base import JsonDocument, Publishing
from chassis.ids import new_id
from services.content.base import Base


class Discussion(Base, Publishing, table=True):
    """A discussion. What its lists show of its replies is counted under its lock.

    `removed_at` is when the first of the live `causes` appeared, `seen_since` when the last before went, `hidden_since` when
    the first of those had appeared. What stands up to `past_upto` was said before it came here, and is new to nobody; the discussion itself has 0. `others` counts the replies that are not
    its author's; the first of them, whatever became of it, was at `first_other_at`. `accepted_removed`: the accepted answer is not seen just now; it
    stands here because lists read no replies. `publish_at`: when members will see it for the first time, None from then on. `merged_into_id`: of which
    it is a duplicate, perhaps merged itself since; its replies go there, and it has the cause `merge` for ever.
    """

    __tablename__ = "discussions"
    __table_args__ = (
        CheckConstraint("reply_count >= 0 AND others >= 0 AND others <= reply_count", name="counts"),
        Index(None, "community_id", "last_activity_at", "id"),
        Index(None, "community_id", "created_at", "id"),
        Index(None, "community_id", "reply_count", "id"),
        Index(None, "author_id", "created_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID
    kind: str = Field(max_length=16)
    title: str = Field(max_length=200)
    excerpt: str = Field(max_length=200)
    tags: list[str] = Field(default_factory=list, sa_type=JsonDocument, nullable=False)
    author_id: UUID
    mentions: list[str] = Field(
        default_factory=list, sa_type=JsonDocument, nullable=False, sa_column_kwargs={"server_default": "[]"}
    )
    status: str = Field(default="open", max_length=16)
    causes: list[str] = Field(default_factory=list, sa_type=JsonDocument, nullable=False)
    removed_at: datetime | None = None
    seen_since: datetime
    hidden_since: datetime | None = None
    pinned_until: datetime | None = None
    featured_at: datetime | None = None
    reply_count: int = 0
    others: int = 0
    last_position: int = 0
    past_upto: int = Field(default=-1, sa_column_kwargs={"server_default": "-1"})
    first_other_at: datetime | None = None
    last_reply_by_id: UUID | None = None
    last_reply_at: datetime | None = None
    last_activity_at: datetime
    accepted_reply_id: UUID | None = None
    accepted_removed: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    answer_due_at: datetime | None = None
    publish_at: datetime | None = None
    merged_into_id: UUID | None = None
    audience: dict[str, Any] | None = Field(default=None, sa_type=JsonDocument)
    group_id: UUID | None = Field(default=None, index=True)
    reactions: dict[str, int] = Field(default_factory=dict, sa_type=JsonDocument, nullable=False)
    version: int = 1
    created_at: datetime
    edited_at: datetime | None = None


class DiscussionText(Base, table=True):
    """What its author wrote, apart from the row that every list reads."""

    __tablename__ = "discussion_texts"

    discussion_id: UUID = Field(primary_key=True, foreign_key="discussions.id")
    body: str
    body_html: str
    waiting: dict[str, Any] | None = Field(default=None, sa_type=JsonDocument)
    """An edit that waits for a moderator."""


class DiscussionTag(Base, table=True):
    """A tag, for looking discussions up by it."""

    __tablename__ = "discussion_tags"
    __table_args__ = (Index(None, "community_id", "tag", "discussion_id"),)

    discussion_id: UUID = Field(primary_key=True, foreign_key="discussions.id")
    tag: str = Field(max_length=30, primary_key=True)
    community_id: UUID
