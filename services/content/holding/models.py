"""The tables of what moderators look at."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from chassis.database.base import JsonDocument, Publishing
from chassis.database.constraints import unique
from chassis.ids import new_id
from services.content.base import Base


class ModerationItem(Base, table=True):
    """A text that a moderator looks at, or looked at. It is written under the lock of what it is about.

    `live_id` is the object's as long as nobody has decided: there is one such item of an object. `revision` counts what the author wrote
    meanwhile. `text_before` is what others read as long as an edit waits; without one nobody has read it. `edited`: what the moderator
    wrote instead, by field, and what was there before. `author_ids`: who else wrote it, and decides nothing about it.
    """

    __tablename__ = "moderation_items"
    __table_args__ = (
        # Written under the lock of the object.
        unique("live_id", answers=None),
        Index(None, "community_id", "status", "created_at", "id"),
        Index(None, "object_id", "created_at"),
        Index(None, "author_id", "status"),
        Index(None, "decided_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID
    service: str = Field(max_length=32)
    kind: str = Field(max_length=32)
    object_id: UUID
    root_id: UUID
    author_id: UUID
    author_ids: list[str] = Field(
        default_factory=list, sa_type=JsonDocument, nullable=False, sa_column_kwargs={"server_default": "[]"}
    )
    live_id: UUID | None = None
    status: str = Field(default="open", max_length=16)
    held: bool = False
    revision: int = 1
    text: dict[str, Any] = Field(default_factory=dict, sa_type=JsonDocument, nullable=False)
    text_before: dict[str, Any] | None = Field(default=None, sa_type=JsonDocument)
    matches: list[dict[str, Any]] = Field(default_factory=list, sa_type=JsonDocument, nullable=False)
    category: str = Field(default="", max_length=40)
    reports: int = 0
    reason: str | None = Field(default=None, max_length=500)
    edited: dict[str, Any] | None = Field(default=None, sa_type=JsonDocument)
    decided_by_id: UUID | None = None
    decided_at: datetime | None = None
    created_at: datetime


class ContentReport(Base, table=True):
    """What a member reported: once for each item."""

    __tablename__ = "content_reports"

    item_id: UUID = Field(primary_key=True, foreign_key="moderation_items.id")
    member_id: UUID = Field(primary_key=True)
    category: str = Field(max_length=16)
    note: str | None = Field(default=None, max_length=500)
    created_at: datetime


class ModerationTold(Base, Publishing, table=True):
    """How many messages were published for a subject of moderation: it outlives the items, which are forgotten."""

    __tablename__ = "moderation_told"

    subject_id: UUID = Field(primary_key=True)
