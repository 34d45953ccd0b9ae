"""The table of replies."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from chassis.database.base import JsonDocument, Publishing
from chassis.database.constraints import unique
from chassis.ids import new_id
from services.content.base import Base


class Reply(Base, Publishing, table=True):
    """An answer or a comment. It is written, counted, accepted and removed under the lock of its discussion.

    `position` grows within the discussion, in the order in which replies were first seen. `removed_at` is when the first of the live
    `causes` appeared. `seen_since`: when a reply that waited was first seen; others since they were written. `past`: it was said before it came here. `with_discussion`: it was told that it went with its discussion; whether that is seen decides at read.
    """

    __tablename__ = "replies"
    __table_args__ = (
        # Given under the lock of the discussion.
        unique("discussion_id", "position", answers=None),
        CheckConstraint("kind = 'comment' OR parent_reply_id IS NULL", name="parent"),
        CheckConstraint("comment_count >= 0", name="comments"),
        Index(None, "discussion_id", "parent_reply_id", "position"),
        Index(None, "parent_reply_id", "position"),
        Index(None, "discussion_id", "author_id", "digest"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID
    discussion_id: UUID = Field(foreign_key="discussions.id")
    parent_reply_id: UUID | None = Field(default=None, foreign_key="replies.id")
    kind: str = Field(max_length=16)
    author_id: UUID = Field(index=True)
    body: str
    body_html: str
    waiting: str | None = None
    """An edit that waits for a moderator."""
    mentions: list[str] = Field(
        default_factory=list, sa_type=JsonDocument, nullable=False, sa_column_kwargs={"server_default": "[]"}
    )
    digest: str | None = Field(default=None, max_length=64)
    position: int
    comment_count: int = 0
    causes: list[str] = Field(default_factory=list, sa_type=JsonDocument, nullable=False)
    removed_at: datetime | None = None
    with_discussion: bool = False
    seen_since: datetime | None = None
    past: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    reactions: dict[str, int] = Field(default_factory=dict, sa_type=JsonDocument, nullable=False)
    version: int = 1
    created_at: datetime
    edited_at: datetime | None = None
