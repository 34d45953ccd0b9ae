"""The table of holds."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from chassis.database.constraints import unique
from chassis.ids import new_id
from services.membership.base import Base


class ApplicationHold(Base, table=True):
    """That what was said in an application is not forgotten before somebody lifts the hold, and why."""

    __tablename__ = "application_holds"
    __table_args__ = (
        # Placed under the lock of the application.
        unique("application_id", where="lifted_at IS NULL", name="uq_application_holds_one", answers=None),
        Index(None, "application_id", "id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    application_id: UUID = Field(foreign_key="applications.id")
    community_id: UUID
    reason: str = Field(max_length=600)
    held_by: str = Field(max_length=64)
    held_at: datetime
    lift_reason: str | None = Field(default=None, max_length=600)
    lifted_by: str | None = Field(default=None, max_length=64)
    lifted_at: datetime | None = None
