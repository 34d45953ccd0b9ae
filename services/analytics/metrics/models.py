"""What metrics keep: from when until when somebody was a member, what to lock meanwhile, and what was reported."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, SmallInteger
from sqlmodel import Field

from chassis.database.base import JsonDocument
from chassis.database.constraints import key, unique
from chassis.ids import new_id
from chassis.problems import ALREADY_EXISTS
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


class ReportedMetric(Base, table=True):
    """A metric of a community that nobody can compute here, such as followers elsewhere: its values are reported."""

    __tablename__ = "reported_metrics"
    __table_args__ = (unique("community_id", "code", answers=ALREADY_EXISTS, field="code"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID
    code: str = Field(max_length=40)
    name: str = Field(max_length=100)
    unit: str = Field(max_length=20)
    source: str = Field(max_length=200)
    created_at: datetime


class ReportedValue(Base, table=True):
    """What was reported of a moment. A correction is a row of its own, with the next `revision`: the last one is `current`.

    `day` is the community's day of `at`, `by` who reported it (`person:…` or `service:…`).
    """

    __tablename__ = "reported_values"
    __table_args__ = (
        # Numbered under the lock of the metric.
        unique("metric_id", "at", "revision", answers=None),
        Index(None, "metric_id", "current", "day"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    metric_id: UUID = Field(foreign_key="reported_metrics.id")
    community_id: UUID
    at: datetime
    day: date
    revision: int = 1
    current: bool = True
    value: float
    note: str | None = Field(default=None, max_length=500)
    by: str
    reported_at: datetime


class CohortName(Base, table=True):
    """What a cohort is called, by the latest message that told of it."""

    __tablename__ = "cohort_names"
    __table_args__ = (key("cohort_id", answers=None),)

    cohort_id: UUID = Field(primary_key=True)
    name: str = Field(max_length=100)
    version: int
    told_at: datetime


class KeptAnswer(Base, table=True):
    """The values of a metric in a period that is over, kept until something late touches one of its days, or a day before.

    `readings` has of each value its breakdown value, part, value, `n`, and the two sides of its line.
    """

    __tablename__ = "kept_answers"
    __table_args__ = (Index(None, "community_id", "ends_on"),)

    community_id: UUID = Field(primary_key=True)
    code: str = Field(primary_key=True, max_length=40)
    version: int = Field(primary_key=True)
    grain: str = Field(primary_key=True, max_length=8)
    group_by: str = Field(primary_key=True, max_length=16)
    """Empty without a breakdown."""
    staff: bool = Field(primary_key=True)
    starts_on: date = Field(primary_key=True)
    ends_on: date
    readings: list[Any] = Field(sa_type=JsonDocument, nullable=False)
