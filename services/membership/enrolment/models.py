"""The table of enrolment's rounds."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from chassis.database.base import JsonDocument
from chassis.ids import new_id
from services.membership.base import Base


class EnrolmentRound(Base, table=True):
    """Something to look at again, a piece at a time: one community for everybody, or some people for every community, or all for all.

    Whoever notes one holds rows that the round waits for. So each is a row of its own that nobody else writes, and names nothing by a
    foreign key, whose check would be a lock.
    """

    __tablename__ = "enrolment_rounds"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID | None = None
    person_ids: list[str] | None = Field(default=None, sa_type=JsonDocument)
    after: UUID | None = None
    """The person, or the community, that was looked at last."""
    begun_at: datetime


class EnrolmentKept(Base, table=True):
    """A member who no longer matches, and whom somebody has decided to keep."""

    __tablename__ = "enrolment_kept"

    member_id: UUID = Field(foreign_key="members.id", primary_key=True)
    community_id: UUID = Field(foreign_key="communities.id", index=True)
    kept_by: str = Field(max_length=64)
    kept_at: datetime
