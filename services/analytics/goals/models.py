"""The tables of goals."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, SmallInteger
from sqlmodel import Field

from chassis.database.base import Publishing
from chassis.ids import new_id
from services.analytics.base import Base


class GoalBook(Base, table=True):
    """All goals of a community: its row is locked by whoever counts them, puts one under another, or writes down how far they are."""

    __tablename__ = "goal_books"

    community_id: UUID = Field(primary_key=True)


class Goal(Base, Publishing, table=True):
    """What is to be reached until a day.

    `ask_…`: what each member is asked to do, how often, and about what. `value` to `as_of` are how far it was when somebody last looked; of what is closed they are the result, which nothing changes.
    """

    __tablename__ = "goals"
    __table_args__ = (
        CheckConstraint("starts_on <= due_on", name="days"),
        CheckConstraint("(status = 'closed') = (closed_at IS NOT NULL)", name="closed"),
        CheckConstraint("(status = 'withdrawn') = (withdrawn_at IS NOT NULL)", name="withdrawn"),
        CheckConstraint("weight > 0", name="weight"),
        CheckConstraint("(ask_verb IS NULL) = (ask_count IS NULL)", name="ask"),
        Index(None, "community_id", "due_on", "id"),
        Index(None, "community_id", "status"),
        Index(None, "parent_id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID
    title: str = Field(max_length=200)
    horizon: str = Field(max_length=5)
    metric_code: str | None = Field(default=None, max_length=64)
    metric_version: int | None = None
    metric_unit: str | None = Field(default=None, max_length=64)
    grain: str | None = Field(default=None, max_length=8)
    metric_part: str | None = Field(default=None, max_length=32)
    metric_working: bool = False
    counted: bool = False
    baseline: float | None = None
    target: float
    direction: str = Field(max_length=4)
    starts_on: date
    due_on: date
    owner_id: UUID
    relevance: str = Field(max_length=500)
    parent_id: UUID | None = Field(default=None, foreign_key="goals.id")
    weight: float = 1
    ask_verb: int | None = Field(default=None, sa_type=SmallInteger)
    ask_count: int | None = None
    ask_kind: str | None = Field(default=None, max_length=16)
    ask_about: UUID | None = None
    gain: str | None = Field(default=None, max_length=200)
    status: str = Field(default="running", max_length=9)
    value: float | None = None
    n: int | None = None
    progress: float = 0
    state: str = Field(default="on_track", max_length=9)
    forecast: float | None = None
    pace_before: float | None = None
    measured_at: datetime | None = None
    as_of: datetime | None = None
    closed_at: datetime | None = None
    withdrawn_at: datetime | None = None
    version: int = 1
    created_at: datetime
