"""The tables of approvals, and of who stands in for managers who are away."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from chassis.database.constraints import key
from services.membership.base import Base


class Approval(Base, table=True):
    """What is asked about an application at this step, and what was answered; it changes under the lock of the application.

    `approver_id` is who manages the applicant, None where nobody does. `passed_at`: the owners were told that it waits for them, too. People
    are no foreign keys, as in interviews.
    """

    __tablename__ = "application_approvals"
    __table_args__ = (
        # Looked for under the lock of the application.
        key("application_id", answers=None),
        CheckConstraint("outcome IN ('approved', 'refused')", name="outcome"),
        CheckConstraint("(outcome IS NULL) = (decided_at IS NULL)", name="decided"),
        Index(None, "approver_id", "due_at"),
        Index(None, "community_id", "due_at"),
    )

    application_id: UUID = Field(foreign_key="applications.id")
    community_id: UUID = Field(foreign_key="communities.id")
    approver_id: UUID | None = None
    asked_by: str = Field(max_length=64)
    asked_at: datetime
    due_at: datetime
    passed_at: datetime | None = None
    outcome: str | None = Field(default=None, max_length=16)
    reason: str | None = Field(default=None, max_length=2000)
    decided_by: str | None = Field(default=None, max_length=64)
    decided_at: datetime | None = None


class Absence(Base, table=True):
    """That a manager is away for a time, and who stands in; one row each, the last that they said."""

    __tablename__ = "absences"
    __table_args__ = (
        # Written where it is there already: the later of two holds.
        key("person_id", answers=None),
        CheckConstraint("since < until", name="times"),
        CheckConstraint("person_id <> deputy_id", name="deputy"),
        Index(None, "deputy_id"),
    )

    person_id: UUID
    deputy_id: UUID
    since: datetime
    until: datetime
    said_at: datetime
