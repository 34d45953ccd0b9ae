"""The tables of learning records."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from chassis.database.base import Publishing
from services.analytics.base import Base


class LearningActivity(Base, table=True):
    """An activity that people learn at, by the latest message that told of it."""

    __tablename__ = "learning_activities"

    id: UUID = Field(primary_key=True)
    community_id: UUID
    version: int
    title: str
    starts_at: datetime
    ends_at: datetime
    hours: float | None = None
    cancelled: bool = False


class LearningAttendance(Base, table=True):
    """That a member was at an activity, or was not after all; of one that is only known to be revoked, the rest is null."""

    __tablename__ = "learning_attendances"
    __table_args__ = (Index(None, "activity_id", "member_id"), Index(None, "member_id"))

    id: UUID = Field(primary_key=True)
    community_id: UUID
    activity_id: UUID
    member_id: UUID
    version: int
    revoked: bool
    role: str | None = Field(default=None, max_length=8)
    extent: str | None = Field(default=None, max_length=7)
    minutes: int | None = None
    hours: float | None = None
    at: datetime


class LearningRecord(Base, Publishing, table=True):
    """What a person has of one source. `person_id` is null, and nothing is told, until it is known who the member is.

    What was undone stays, with nothing in it: done again it is the same record.
    """

    __tablename__ = "learning_records"
    __table_args__ = (
        CheckConstraint("hours >= 0 AND taught_hours >= 0", name="hours"),
        Index(None, "activity_id"),
        Index(None, "community_id", "at", "id"),
        Index(None, "person_id", "at", "id"),
        Index(None, "member_id"),
    )

    id: UUID = Field(primary_key=True)
    """Derived from the activity and the member."""
    community_id: UUID
    member_id: UUID
    person_id: UUID | None = None
    activity_id: UUID
    hours: float
    taught_hours: float
    share: float
    minutes: int
    at: datetime
    undone: bool


class DepartmentManager(Base, table=True):
    """Who manages a department, by the latest message that told of it."""

    __tablename__ = "department_managers"
    __table_args__ = (Index(None, "person_id"),)

    code: str = Field(primary_key=True, max_length=64)
    person_id: UUID | None = None
    version: int
    told_at: datetime
