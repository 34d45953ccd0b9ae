"""The tables of appeals, and of what services answered about revisions of penalties."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from chassis.database.base import JsonDocument, Publishing
from chassis.database.constraints import key, unique
from chassis.ids import new_id
from services.membership.appeals.problems import ALREADY_APPEALED
from services.membership.base import Base


class Appeal(Base, Publishing, table=True):
    """A member's appeal against one thing. The row is the lock of its question, its answer and its decision; the member is locked before it.

    `reviewer_id` is a person, and no member. `paused_at`: the sanction rests since then, with so many seconds left of it (None: without
    end). `revision` is that of the penalty which followed from the decision. Members are no foreign keys, as in responsibilities.
    Of a removal `object_id` is that of the removal, and `piece_id` what was removed.
    """

    __tablename__ = "appeals"
    __table_args__ = (
        unique("object_kind", "object_id", answers=ALREADY_APPEALED),
        CheckConstraint(
            "object_kind IN ('penalty', 'short_mute', 'discussion', 'reply', 'article', 'idea')", name="object_kind"
        ),
        CheckConstraint("status IN ('open', 'granted', 'reduced', 'denied')", name="status"),
        CheckConstraint("(status = 'open') = (decided_at IS NULL)", name="decided"),
        Index(None, "community_id", "status", "created_at", "id"),
        Index(None, "community_id", "created_at", "id"),
        Index(None, "member_id", "created_at", "id"),
        Index(None, "reviewer_id", "created_at", "id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID = Field(foreign_key="communities.id")
    member_id: UUID
    object_kind: str = Field(max_length=16)
    object_id: UUID
    piece_id: UUID | None = None
    words: str = Field(max_length=4000)
    status: str = Field(default="open", max_length=16)
    created_at: datetime
    due_at: datetime
    question: str | None = Field(default=None, max_length=2000)
    asked_at: datetime | None = None
    asked_by: str | None = Field(default=None, max_length=64)
    answer: str | None = Field(default=None, max_length=4000)
    answered_at: datetime | None = None
    reviewer_id: UUID | None = None
    appointed_at: datetime | None = None
    paused_at: datetime | None = None
    paused_seconds: int | None = None
    reason: str | None = Field(default=None, max_length=4000)
    """The decision in writing, as the member reads it."""
    decided_at: datetime | None = None
    decided_by: str | None = Field(default=None, max_length=64)
    revision: int | None = None
    version: int = 1


class PenaltyAnswer(Base, table=True):
    """What a service said last that it did or took back of a penalty: by the greatest revision that it answered."""

    __tablename__ = "penalty_answers"
    # Replaced where it is there, under the lock of the row.
    __table_args__ = (key("penalty_id", "service", answers=None),)

    penalty_id: UUID = Field(primary_key=True)
    service: str = Field(max_length=16, primary_key=True)
    revision: int
    undone: dict[str, Any] = Field(default_factory=dict, sa_type=JsonDocument, nullable=False)
    left: list[Any] = Field(default_factory=list, sa_type=JsonDocument, nullable=False)
    at: datetime


class Removal(Base, table=True):
    """That a moderator removed what somebody wrote, as content tells it; `version` is that of its message, of which the id is made.

    `ended_at`: it is seen again. Messages come in any order, so that it was is kept as a row, too, which nobody removed.
    """

    __tablename__ = "removals"
    __table_args__ = (
        # Made of the message, which is told twice: what is there stays.
        key("id", answers=None),
        Index(None, "piece_id", "version"),
        CheckConstraint("removed_by IS NOT NULL OR ended_at IS NOT NULL", name="removed_or_ended"),
    )

    id: UUID = Field(primary_key=True)
    community_id: UUID
    kind: str = Field(max_length=16)
    piece_id: UUID
    version: int
    author_ids: list[str] = Field(default_factory=list, sa_type=JsonDocument, nullable=False)
    removed_at: datetime
    removed_by: str | None = Field(default=None, max_length=64)
    ended_at: datetime | None = None
