"""One row for each thing that takes its course: written by message handlers alone, see `rules` for how."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field

from chassis.database.base import JsonDocument
from services.analytics.base import Base

_COUNTS = text("posted_at IS NOT NULL AND NOT removed")
_ACCEPTED = text("accepted")


class QuestionCourse(Base, table=True):
    """What became of a discussion. What is known of it late is null until then; removed ones stay.

    `counted_in` is where its answers count: it itself, or what it was merged into in the end.
    """

    __tablename__ = "question_courses"
    __table_args__ = (
        # The questions of a period with all that is read of them: no row of another period is touched.
        Index(None, "community_id", "asked_at"),
        Index(None, "counted_in"),
    )

    id: UUID = Field(primary_key=True)
    counted_in: UUID
    community_id: UUID | None = None
    kind: str | None = Field(default=None, max_length=32)
    author_id: UUID | None = None
    state_version: int = 0
    asked_at: datetime | None = None
    removed: bool = False
    removal_version: int = 0
    answers: int = 0
    """How many of them can be seen; comments are no answers."""
    first_answer_at: datetime | None = None
    """The asker's own included."""
    first_by_other_at: datetime | None = None
    accepted_at: datetime | None = None


class Answer(Base, table=True):
    """An answer, in which question it was given and where it counts. `question_id` is null while only its removal is known."""

    __tablename__ = "answers"
    __table_args__ = (
        Index(
            "ix_answers_visible",
            "counted_in",
            "posted_at",
            "author_id",
            postgresql_where=_COUNTS,
            sqlite_where=_COUNTS,
        ),
        Index("ix_answers_accepted", "counted_in", postgresql_where=_ACCEPTED, sqlite_where=_ACCEPTED),
    )

    id: UUID = Field(primary_key=True)
    question_id: UUID | None = None
    counted_in: UUID | None = None
    author_id: UUID | None = None
    posted_at: datetime | None = None
    removed: bool = False
    removal_version: int = 0
    accepted: bool = False
    accepted_at: datetime | None = None
    accept_version: int = 0


class ActivityCourse(Base, table=True):
    """From being announced to having taken place."""

    __tablename__ = "activity_courses"
    __table_args__ = (Index(None, "community_id", "announced_at"),)

    id: UUID = Field(primary_key=True)
    community_id: UUID | None = None
    kind: str | None = Field(default=None, max_length=32)
    tags: list[Any] = Field(default_factory=list, sa_type=JsonDocument)
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    state_version: int = 0
    announced_at: datetime | None = None
    completed_at: datetime | None = None
    cancelled_at: datetime | None = None


class RegistrationCourse(Base, table=True):
    """A member's registration for an activity: when each thing first happened to it (confirmed, waitlisted, offered), or last."""

    __tablename__ = "registration_courses"
    __table_args__ = (Index(None, "activity_id"),)

    id: UUID = Field(primary_key=True)
    community_id: UUID | None = None
    activity_id: UUID | None = None
    activity_kind: str | None = Field(default=None, max_length=32)
    member_id: UUID | None = None
    state: str | None = Field(default=None, max_length=16)
    state_version: int = 0
    registered_at: datetime | None = None
    """When it was first confirmed, assigned or waitlisted."""
    confirmed_at: datetime | None = None
    waitlisted_at: datetime | None = None
    offered_at: datetime | None = None
    excused_at: datetime | None = None
    cancelled_at: datetime | None = None
    expired_at: datetime | None = None


class AttendanceCourse(Base, table=True):
    """That a member attended an activity, registered or not; `revoked` where they did not after all."""

    __tablename__ = "attendance_courses"
    __table_args__ = (Index(None, "activity_id"),)

    id: UUID = Field(primary_key=True)
    community_id: UUID | None = None
    activity_id: UUID | None = None
    activity_kind: str | None = Field(default=None, max_length=32)
    member_id: UUID | None = None
    role: str | None = Field(default=None, max_length=16)
    extent: str | None = Field(default=None, max_length=16)
    minutes: int = 0
    walk_in: bool = False
    attended_at: datetime | None = None
    deed_version: int = 0
    revoked: bool = False
    state_version: int = 0


class SatisfactionCourse(Base, table=True):
    """What those who were asked thought of an activity, or of something else, in one survey: of five and more alone."""

    __tablename__ = "satisfaction_courses"
    __table_args__ = (Index(None, "community_id", "closed_at"), Index(None, "about_id"))

    id: UUID = Field(primary_key=True)
    community_id: UUID | None = None
    kind: str | None = Field(default=None, max_length=32)
    """That of the activity, or what else it was about."""
    about_id: UUID | None = None
    closed_at: datetime | None = None
    mean: float = 0
    n: int = 0
    state_version: int = 0


class ApplicationCourse(Base, table=True):
    """An application from being submitted to being decided, and who became a member by it; when they first did, if they joined again later."""

    __tablename__ = "application_courses"
    __table_args__ = (Index(None, "community_id", "submitted_at"), Index(None, "person_id"))

    id: UUID = Field(primary_key=True)
    community_id: UUID | None = None
    campaign_id: UUID | None = None
    person_id: UUID | None = None
    channel: str | None = Field(default=None, max_length=64)
    state: str | None = Field(default=None, max_length=16)
    state_version: int = 0
    submitted_at: datetime | None = None
    decided_at: datetime | None = None
    outcome: str | None = Field(default=None, max_length=16)
    decision_version: int = 0
    member_id: UUID | None = None
    joined_at: datetime | None = None


class ChannelVisits(Base, table=True):
    """How often a channel of a campaign was looked at on a day of the community."""

    __tablename__ = "channel_visits"
    __table_args__ = (Index(None, "community_id", "day"),)

    campaign_id: UUID = Field(primary_key=True)
    channel: str = Field(primary_key=True, max_length=64)
    day: date = Field(primary_key=True)
    community_id: UUID
    visits: int
    version: int


class MemberCourse(Base, table=True):
    """A membership from joining to leaving: by which application it came about, and whether it has ended."""

    __tablename__ = "member_courses"
    __table_args__ = (Index(None, "community_id", "joined_at"), Index(None, "application_id"), Index(None, "person_id"))

    id: UUID = Field(primary_key=True)
    community_id: UUID | None = None
    person_id: UUID | None = None
    channel: str | None = Field(default=None, max_length=64)
    campaign_id: UUID | None = None
    application_id: UUID | None = None
    joined_at: datetime | None = None
    gone: bool = False
    state_version: int = 0
    left_at: datetime | None = None
    """When it last ended; of who is back it says nothing."""
