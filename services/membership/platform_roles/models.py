"""Who has which role on the platform."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from chassis.database.constraints import key
from chassis.problems import ALREADY_EXISTS
from services.membership.base import Base


class PlatformRole(Base, table=True):
    """A role on the platform as a whole; revoking deletes the row, the audit keeps the history."""

    __tablename__ = "platform_roles"
    __table_args__ = (
        key("person_id", "role", answers=ALREADY_EXISTS),
        CheckConstraint("role IN ('admin', 'hr', 'auditor')", name="role"),
    )

    person_id: uuid.UUID = Field(primary_key=True, foreign_key="people.id", ondelete="CASCADE")
    role: str = Field(primary_key=True, max_length=16)
    granted_by: str = Field(max_length=64)
    granted_at: datetime
