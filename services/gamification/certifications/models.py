"""The tables of certifications, of their runs, and of what fulfilled each."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from chassis.database.base import JsonDocument
from chassis.database.constraints import key, unique
from chassis.ids import new_id
from chassis.problems import ALREADY_EXISTS
from services.gamification.base import Base


class Certification(Base, table=True):
    """What members of a community must show again and again. Without departments and grades it is asked of all.

    `begins_on` is from when on what they do counts, and members are asked for it.
    """

    __tablename__ = "certifications"
    __table_args__ = (
        unique("community_id", "title_zh", answers=ALREADY_EXISTS, field="title_zh"),
        Index(None, "community_id", "created_at", "id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID
    title_zh: str = Field(max_length=100)
    title_en: str = Field(max_length=100)
    requires: list[dict[str, Any]] = Field(sa_type=JsonDocument, nullable=False)
    begins_on: date
    first_due_days: int
    valid_months: int | None = None
    window_opens: str | None = Field(default=None, max_length=5)
    window_closes: str | None = Field(default=None, max_length=5)
    renewal_opens_days: int
    department_codes: list[str] = Field(default_factory=list, sa_type=JsonDocument, nullable=False)
    job_grades: list[str] = Field(default_factory=list, sa_type=JsonDocument, nullable=False)
    template_id: UUID | None = Field(default=None, foreign_key="certificate_templates.id")
    archived_at: datetime | None = None
    version: int = 1
    created_at: datetime


class CertificationRun(Base, table=True):
    """One period of one member: earlier ones stay as they were. Of each member's runs the last alone is not completed.

    It is due, and its certificate valid, until `due_at` of the next. `tell_at` is when its member is told next. `closed_at` is
    since when its member is not asked for it, while it is not completed: nobody is told of it, and nothing waits for it.
    """

    __tablename__ = "certification_runs"
    __table_args__ = (
        # Written by who holds the run before, or by the job that enrols.
        unique("certification_id", "member_id", "number", answers=None),
        Index(None, "member_id", "completed_at"),
        Index(None, "certification_id", "completed_at", "due_at", "id"),
        Index(None, "tell_at"),
        Index(None, "community_id", "due_at", "id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    certification_id: UUID = Field(foreign_key="certifications.id")
    community_id: UUID
    member_id: UUID
    number: int
    opens_on: date
    due_on: date
    opens_at: datetime
    due_at: datetime
    completed_at: datetime | None = None
    closed_at: datetime | None = None
    valid_until: datetime | None = None
    tell_at: datetime | None = None


class CertificationEvidence(Base, table=True):
    """By which attendance a run's requirement was fulfilled."""

    __tablename__ = "certification_evidence"
    # Written with what completes the run, under its lock.
    __table_args__ = (key("run_id", "requirement", answers=None), Index(None, "attendance_id"))

    run_id: UUID = Field(primary_key=True, foreign_key="certification_runs.id")
    requirement: int = Field(primary_key=True)
    attendance_id: UUID
