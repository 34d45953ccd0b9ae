"""The table of what was read lately."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from services.content.base import Base


class LateReading(Base, table=True):
    """What a member read in a quarter of an hour, until the day of their community is told: days of all zones begin with a quarter."""

    __tablename__ = "late_readings"
    __table_args__ = (Index(None, "community_id", "quarter"),)

    member_id: UUID = Field(primary_key=True)
    thing_id: UUID = Field(primary_key=True)
    quarter: datetime = Field(primary_key=True)
    kind: str = Field(max_length=16)
    community_id: UUID
