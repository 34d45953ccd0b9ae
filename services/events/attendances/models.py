"""The table of attendances."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from chassis.database.base import Publishing
from chassis.database.constraints import unique
from chassis.ids import new_id
from chassis.problems import ALREADY_EXISTS
from services.events.base import Base


class Attendance(Base, Publishing, table=True):
    """A member was at an activity. What was wrong is revoked and recorded anew under another id.

    `extent` and `minutes` are known when the activity is completed; `told_at` is the time of the message that says so.
    """

    __tablename__ = "attendances"
    __table_args__ = (
        unique(
            "activity_id",
            "member_id",
            "role",
            where="revoked_at IS NULL",
            name="uq_attendances_once",
            answers=ALREADY_EXISTS,
            field="member_id",
        ),
        CheckConstraint("(extent IS NULL) = (told_at IS NULL)", name="told"),
        Index(None, "activity_id", "told_at", "id"),
        Index(None, "member_id", "id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID
    activity_id: UUID = Field(foreign_key="activities.id")
    member_id: UUID
    role: str = Field(default="attendee", max_length=8)
    method: str = Field(max_length=5)
    walk_in: bool = False
    in_at: datetime
    out_at: datetime | None = None
    extent: str | None = Field(default=None, max_length=7)
    minutes: int | None = None
    told_at: datetime | None = None
    told_as: UUID | None = None
    """The id of that message."""
    revoked_at: datetime | None = None
    revoked_as: UUID | None = None
    scanned_as: UUID | None = None
    """The id that a steward's device gave the scan."""
