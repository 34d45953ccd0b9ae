"""The tables of check-in plans and of who takes part."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, PrimaryKeyConstraint, text
from sqlmodel import Field

from chassis.database.base import JsonDocument
from chassis.database.constraints import unique
from chassis.ids import new_id
from services.gamification.base import Base
from services.gamification.plans.progress_rules import HandedIn


class CheckinPlan(Base, table=True):
    """On which days its participants check in, and with which evidence. Days are those of each participant's own zone.

    `complete_at`: the share of its days, in a hundred, that completes it. `participants`: how many take part now, counted under the
    plan's lock. `weekdays` are named where `days` says so.
    """

    __tablename__ = "checkin_plans"
    __table_args__ = (
        CheckConstraint("starts_on <= ends_on", name="dates"),
        CheckConstraint("days IN ('all', 'workdays', 'weekdays')", name="days"),
        CheckConstraint("requires IN ('none', 'note', 'file', 'link')", name="requires"),
        CheckConstraint("note_visibility IN ('plan', 'operators')", name="note_visibility"),
        CheckConstraint("complete_at BETWEEN 1 AND 100", name="complete_at"),
        CheckConstraint("participants >= 0", name="participants"),
        Index(None, "community_id", "starts_on", "id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID
    title: str = Field(max_length=200)
    starts_on: date
    ends_on: date
    days: str = Field(max_length=16)
    weekdays: list[str] = Field(default_factory=list, sa_type=JsonDocument, nullable=False)
    prompts: list[str] = Field(default_factory=list, sa_type=JsonDocument, nullable=False)
    requires: str = Field(max_length=16)
    min_length: int = 0
    cohort_id: UUID | None = None
    note_visibility: str = Field(max_length=16)
    remind_at: str | None = Field(default=None, max_length=5)
    complete_at: int
    participants: int = 0
    cancelled_at: datetime | None = None
    reminded_until: datetime | None = None
    """Of the moments up to this one everybody was reminded, or it was too late."""
    version: int = 1
    created_at: datetime


class PlanParticipant(Base, table=True):
    """Somebody who takes part, or did: `left_at`. What they did before they left counts again when they come back.

    `days_done` and `days_made_up` are what the fold of their days says, kept so that lists need no days.
    """

    __tablename__ = "plan_participants"
    __table_args__ = (
        PrimaryKeyConstraint("plan_id", "member_id"),
        CheckConstraint("days_done >= 0 AND days_made_up >= 0", name="days"),
        Index(None, "member_id", "left_at"),
        Index(None, "completed_at", "plan_id", "member_id"),
    )

    plan_id: UUID = Field(foreign_key="checkin_plans.id")
    member_id: UUID
    joined_at: datetime
    left_at: datetime | None = None
    days_done: int = 0
    days_made_up: int = 0
    completed_on: date | None = None
    completed_at: datetime | None = None
    completed_days: int | None = None
    """How many were done then; what was told of it is told again as it was."""


class PlanEntry(Base, table=True):
    """A day that a participant handed in: with the check-in of that day, and the evidence that was given for it.

    `text_id`: by which moderation knows the note, that of the check-in where it is its note. `removed`: moderation removed it. A day
    that was returned, or removed, may be handed in again until `open_until`. `likes` and `comments` are counted under the row's lock.
    """

    __tablename__ = "plan_entries"
    __table_args__ = (
        # Checked under the lock of the participant.
        unique("plan_id", "member_id", "day", answers=None),
        CheckConstraint("status IN ('done', 'good', 'returned')", name="status"),
        CheckConstraint("origin IN ('now', 'made_up', 'imported')", name="origin"),
        Index(None, "plan_id", "submitted_at", "id"),
        Index(None, "plan_id", "day", "member_id"),
        Index(None, "member_id", "open_until"),
        Index(None, "member_id", "submitted_at", "id"),
        Index(None, "text_id"),
        Index(None, "community_id", "status", "submitted_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID
    plan_id: UUID = Field(foreign_key="checkin_plans.id")
    member_id: UUID
    checkin_id: UUID
    day: date
    time_zone: str = Field(max_length=64)
    origin: str = Field(max_length=16)
    note: str | None = Field(default=None, max_length=2000)
    text_id: UUID | None = None
    link: str | None = Field(default=None, max_length=1000)
    files: list[dict[str, Any]] = Field(
        default_factory=list, sa_type=JsonDocument, nullable=False, sa_column_kwargs={"server_default": text("'[]'")}
    )
    status: str = Field(max_length=16)
    removed: bool = False
    open_until: datetime | None = None
    submitted_at: datetime
    reviewed_at: datetime | None = None
    reviewer_id: UUID | None = None
    reason: str | None = Field(default=None, max_length=500)
    likes: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    comments: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    version: int = 1

    @property
    def handed_in(self) -> HandedIn:
        """What the fold reads of it."""
        return HandedIn(day=self.day, status=self.status, made_up=self.origin == "made_up", removed=self.removed)


class PlanLike(Base, table=True):
    """A participant likes what another one handed in."""

    __tablename__ = "plan_likes"
    __table_args__ = (PrimaryKeyConstraint("entry_id", "member_id"),)

    entry_id: UUID = Field(foreign_key="plan_entries.id")
    member_id: UUID


class PlanComment(Base, table=True):
    """What a participant says to what another one handed in."""

    __tablename__ = "plan_comments"
    __table_args__ = (Index(None, "entry_id", "created_at", "id"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID
    entry_id: UUID = Field(foreign_key="plan_entries.id")
    author_id: UUID
    body: str = Field(max_length=1000)
    created_at: datetime
