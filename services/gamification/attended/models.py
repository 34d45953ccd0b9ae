"""The tables of activities and of who was there, by the latest messages."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from services.gamification.base import Base


class AttendedActivity(Base, table=True):
    """An activity by the latest message that told of it."""

    __tablename__ = "attended_activities"
    __table_args__ = (Index(None, "series_id", "starts_at"),)

    id: UUID = Field(primary_key=True)
    community_id: UUID
    version: int
    kind: str = Field(max_length=32)
    series_id: UUID | None = None
    title: str
    starts_at: datetime
    time_zone: str
    hours: float | None = None


class ActivityAttendance(Base, table=True):
    """That a member was at an activity, or was not after all; of one that is only known to be revoked `extent` is null.

    `at` is when it became known to events.
    """

    __tablename__ = "activity_attendances"
    __table_args__ = (Index(None, "member_id", "at"), Index(None, "activity_id"))

    id: UUID = Field(primary_key=True)
    community_id: UUID
    activity_id: UUID
    member_id: UUID
    version: int
    revoked: bool
    role: str | None = Field(default=None, max_length=16)
    extent: str | None = Field(default=None, max_length=16)
    hours: float | None = None
    at: datetime
