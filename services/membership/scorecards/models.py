"""The table of scorecards."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from chassis.database.base import JsonDocument
from chassis.database.constraints import unique
from chassis.ids import new_id
from services.membership.base import Base


class Scorecard(Base, table=True):
    """What one person thinks of an applicant whom they met. There is one each, for ever: whoever read others' does not write anew.

    It changes under the lock of its application. `scores` are from 1 to 5, by the code of the criterion; `notes` likewise. The person is no
    foreign key, as in interviews.
    """

    __tablename__ = "scorecards"
    __table_args__ = (
        # Looked for under the lock of the application.
        unique("application_id", "person_id", answers=None),
        CheckConstraint("status IN ('draft', 'handed_in', 'cancelled')", name="status"),
        CheckConstraint("(status = 'draft') = (handed_in_at IS NULL)", name="handed_in"),
        Index(None, "person_id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID = Field(foreign_key="communities.id")
    application_id: UUID = Field(foreign_key="applications.id")
    person_id: UUID
    status: str = Field(default="draft", max_length=16)
    scores: dict[str, int] = Field(default_factory=dict, sa_type=JsonDocument, nullable=False)
    notes: dict[str, str] = Field(default_factory=dict, sa_type=JsonDocument, nullable=False)
    comment: str | None = Field(default=None, max_length=4000)
    handed_in_at: datetime | None = None
    cancelled_at: datetime | None = None
    cancelled_by: str | None = Field(default=None, max_length=64)
    cancel_reason: str | None = Field(default=None, max_length=1000)
    version: int = 1
    created_at: datetime
    updated_at: datetime
