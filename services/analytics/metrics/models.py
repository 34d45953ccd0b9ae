"""What metrics keep: from when until when somebody was a member, and what to lock meanwhile."""

from datetime import date
from uuid import UUID

from sqlalchemy import Index, SmallInteger
from sqlmodel import Field

from services.analytics.base import Base


class MemberSpell(Base, table=True):
    """Days on which somebody was a member, in one place of the company, as staff or not: counted by `number`.

    `left_on` is the day on which that ended, null if it has not: they were there on that day, but not any more at its end.
    """

    __tablename__ = "member_spells"
    __table_args__ = (Index(None, "community_id", "starts_on"),)

    member_id: UUID = Field(primary_key=True)
    number: int = Field(primary_key=True, sa_type=SmallInteger)
    community_id: UUID
    starts_on: date
    left_on: date | None = None
    department_code: str = Field(max_length=64)
    job_grade: str
    staff: bool


class MetricMark(Base, table=True):
    """A row to lock while what a community's metrics are made of changes. `touched` counts how often what was over has changed."""

    __tablename__ = "metric_marks"

    community_id: UUID = Field(primary_key=True)
    touched: int = 0
