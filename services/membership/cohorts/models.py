"""The table of cohorts."""

from datetime import date, datetime
from uuid import UUID

from sqlmodel import Field

from chassis.database.base import Publishing
from chassis.database.constraints import check, unique
from chassis.ids import new_id
from chassis.problems import ALREADY_EXISTS, FieldError
from services.membership.base import Base

BEFORE_START = FieldError(
    "/ends_on", "before_start", "A cohort may not end before it starts.", "期次的结束日期不能早于开始日期。"
)


class Cohort(Base, Publishing, table=True):
    """One intake of a community; `starts_on` and `ends_on` are both inclusive and say nothing about who belongs."""

    __tablename__ = "cohorts"
    __table_args__ = (
        unique("community_id", "code", answers=ALREADY_EXISTS, field="code"),
        check("dates", "ends_on IS NULL OR starts_on IS NULL OR starts_on <= ends_on", wrong=BEFORE_START),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID = Field(foreign_key="communities.id")
    code: str = Field(max_length=40)
    name: str = Field(max_length=100)
    starts_on: date | None = None
    ends_on: date | None = None
    version: int = 1
    created_at: datetime
