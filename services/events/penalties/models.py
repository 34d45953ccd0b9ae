"""The table of suspensions and expulsions."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from services.events.base import Base


class Suspension(Base, table=True):
    """When any revision of a penalty kept its member away, and which part of that should not have been. Written under the lock of the penalty."""

    __tablename__ = "suspensions"
    __table_args__ = (Index(None, "member_id", "spared_from"),)

    penalty_id: UUID = Field(primary_key=True)
    member_id: UUID
    served_from: datetime
    served_until: datetime | None = None
    spared_from: datetime | None = None
    spared_until: datetime | None = None
