"""The table of stewards."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from services.events.base import Base


class Steward(Base, table=True):
    """A member who scans passes at one activity, and nothing else."""

    __tablename__ = "activity_stewards"

    activity_id: UUID = Field(primary_key=True, foreign_key="activities.id")
    member_id: UUID = Field(primary_key=True)
    granted_at: datetime
