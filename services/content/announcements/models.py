"""The tables of announcements."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from chassis.database.base import Publishing
from chassis.ids import new_id
from services.content.base import Base


class Announcement(Base, table=True):
    """What a discussion of this kind has beside the others; it is written under the lock of the discussion.

    `asked` counts how often members were asked to confirm it: once, and each time that its author asks again.
    """

    __tablename__ = "announcements"
    __table_args__ = (
        CheckConstraint("confirm IN ('none', 'read', 'acknowledge')", name="confirm"),
        Index(None, "community_id", "confirm"),
    )

    discussion_id: UUID = Field(primary_key=True, foreign_key="discussions.id")
    community_id: UUID
    group_id: UUID | None = None
    """The group in which it stands: it is for nobody else."""
    for_all: bool
    confirm: str = Field(max_length=16)
    confirm_by: datetime | None = None
    asked: int = 1
    asked_at: datetime
    reminders: int = 0
    reminded_at: datetime | None = None


class Addressee(Base, table=True):
    """One of those whom an announcement is for: a role, a department, a cohort or a group."""

    __tablename__ = "announcement_addressees"
    __table_args__ = (Index(None, "discussion_id"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    discussion_id: UUID = Field(foreign_key="announcements.discussion_id")
    role: str | None = Field(default=None, max_length=16)
    department: str | None = Field(default=None, max_length=64)
    cohort_id: UUID | None = None
    group_id: UUID | None = None


class Confirmation(Base, Publishing, table=True):
    """That a member confirmed an announcement, the latest time they were asked."""

    __tablename__ = "announcement_confirmations"

    discussion_id: UUID = Field(primary_key=True, foreign_key="announcements.discussion_id")
    member_id: UUID = Field(primary_key=True)
    asked: int
    confirmed_at: datetime
