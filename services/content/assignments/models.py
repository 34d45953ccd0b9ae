"""The table of assignments."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from services.content.base import Base


class Assignment(Base, table=True):
    """Who is asked to answer a question; written under the lock of the discussion."""

    __tablename__ = "assignments"

    discussion_id: UUID = Field(primary_key=True, foreign_key="discussions.id")
    member_id: UUID = Field(index=True)
    assigned_at: datetime
