"""The tables of reports."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from chassis.database.constraints import unique
from chassis.ids import new_id
from services.analytics.base import Base


class ReportBook(Base, table=True):
    """All reports of a community: its row is locked by whoever counts them."""

    __tablename__ = "report_books"

    community_id: UUID = Field(primary_key=True)


class Report(Base, table=True):
    """What was so on some days, and on those that they are compared with.

    `slot` keeps the same report from being made twice: of a week for ever, of what somebody asked for while it is made.
    """

    __tablename__ = "reports"
    __table_args__ = (
        CheckConstraint("starts_on <= ends_on", name="days"),
        CheckConstraint("(compared_from IS NULL) = (compared_to IS NULL)", name="compared"),
        CheckConstraint("(status = 'making') = (finished_at IS NULL)", name="finished"),
        unique("community_id", "slot", answers=None),
        Index(None, "community_id", "created_at", "id"),
        Index(None, "status", "created_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID
    kind: str = Field(max_length=8)
    slot: str | None = Field(default=None, max_length=48)
    starts_on: date
    ends_on: date
    compared_from: date | None = None
    compared_to: date | None = None
    status: str = Field(default="making", max_length=8)
    failure: str | None = Field(default=None, max_length=40)
    tries: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """How often making it was begun and not ended: a report may take its worker down."""
    as_of: datetime | None = None
    requested_by_id: UUID | None = None
    """The member who asked for it; nobody asked for that of a week."""
    created_at: datetime
    finished_at: datetime | None = None


class ReportFile(Base, table=True):
    """A report in one language, as a page or on paper."""

    __tablename__ = "report_files"
    __table_args__ = (
        CheckConstraint("form IN ('html', 'pdf')", name="form"),
        CheckConstraint("locale IN ('en', 'zh-CN')", name="locale"),
    )

    report_id: UUID = Field(primary_key=True, foreign_key="reports.id", ondelete="CASCADE")
    locale: str = Field(primary_key=True, max_length=5)
    form: str = Field(primary_key=True, max_length=4)
    content: bytes
    size: int


class ExportFile(Base, table=True):
    """The file that a job ended with, for a week. `job_id` is the job's, which is kept longer."""

    __tablename__ = "export_files"
    __table_args__ = (Index(None, "community_id", "created_at"), Index(None, "created_at"))

    job_id: UUID = Field(primary_key=True)
    community_id: UUID
    name: str = Field(max_length=120)
    form: str = Field(max_length=4)
    content: bytes
    size: int
    created_at: datetime
