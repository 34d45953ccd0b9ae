"""As whom providers know people. Rows of those who left stay, closed: what they say is nobody's way in any more."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from chassis.database.constraints import unique
from chassis.ids import new_id
from services.membership.base import Base
from services.membership.identities.problems import IDENTITY_TAKEN


class Identity(Base, table=True):
    """What a provider calls somebody: within a tenant of it, by a kind of id. `tenant` is empty where a provider has one only."""

    __tablename__ = "identities"
    __table_args__ = (
        unique(
            "provider",
            "tenant",
            "kind",
            "subject",
            answers=IDENTITY_TAKEN,
            field="subject",
            where="closed_at IS NULL",
            name="uq_identities_open",
        ),
        # Whoever had it before is looked for, too.
        Index(None, "provider", "subject"),
        CheckConstraint("linked_by IN ('person', 'employee_no', 'admin')", name="linked_by"),
    )

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    person_id: uuid.UUID = Field(foreign_key="people.id", ondelete="CASCADE", index=True)
    provider: str = Field(max_length=32)
    tenant: str = Field(default="", max_length=128)
    kind: str = Field(max_length=32)
    subject: str = Field(max_length=255)
    linked_at: datetime
    linked_by: str = Field(max_length=16)
    last_used_at: datetime | None = None
    closed_at: datetime | None = None
    version: int = 1
