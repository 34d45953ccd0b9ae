"""The table of insights."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from chassis.database.base import JsonDocument, Publishing
from chassis.database.constraints import unique
from chassis.ids import new_id
from services.analytics.base import Base


class Insight(Base, Publishing, table=True):
    """Something that should change: what was seen, what was done about it, and since when.

    `slot`: what a rule found, so that it is open once; what was raised by hand has none. `title` names to people what it is about.
    """

    __tablename__ = "insights"
    __table_args__ = (
        CheckConstraint("(status IN ('resolved', 'dismissed')) = (closed_at IS NOT NULL)", name="closed"),
        CheckConstraint("(change IS NULL) = (changed_on IS NULL)", name="changed"),
        CheckConstraint("status <> 'acting' OR change IS NOT NULL", name="acting"),
        CheckConstraint("(object_kind IS NULL) = (object_id IS NULL)", name="object"),
        # Rules alone fill it, under the timer of their community.
        unique("community_id", "slot", answers=None, where="closed_at IS NULL", name="uq_insights_open"),
        Index(None, "community_id", "raised_at", "id"),
        Index(None, "community_id", "status", "effect_due_on"),
        Index(None, "owner_id", "status"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID
    code: str = Field(max_length=40)
    severity: str = Field(max_length=8)
    object_kind: str | None = Field(default=None, max_length=40)
    object_id: UUID | None = None
    title: str | None = Field(default=None, max_length=200)
    figures: dict[str, float] = Field(default_factory=dict, sa_type=JsonDocument, nullable=False)
    evidence: str | None = Field(default=None, max_length=2000)
    suggestion: str | None = Field(default=None, max_length=1000)
    status: str = Field(default="new", max_length=12)
    slot: str | None = Field(default=None, max_length=120)
    owner_id: UUID | None = None
    note: str = Field(default="", max_length=2000)
    change: str | None = Field(default=None, max_length=1000)
    changed_on: date | None = None
    metric: str | None = Field(default=None, max_length=64)
    cohort_id: UUID | None = None
    effect_due_on: date | None = None
    effect: dict[str, Any] | None = Field(default=None, sa_type=JsonDocument)
    measured_at: datetime | None = None
    raised_by_id: UUID | None = None
    raised_at: datetime
    acknowledged_at: datetime | None = None
    acting_at: datetime | None = None
    closed_at: datetime | None = None
    version: int = 1


class InsightRound(Base, table=True):
    """The community's day on which rules last looked at it."""

    __tablename__ = "insight_rounds"

    community_id: UUID = Field(primary_key=True)
    day: date


class MemberRisk(Base, Publishing, table=True):
    """A member who seemed likely to leave: since when it was told, why, and whether it is so still."""

    __tablename__ = "member_risks"
    __table_args__ = (Index(None, "community_id", "still", "member_id"),)

    member_id: UUID = Field(primary_key=True)
    community_id: UUID
    reasons: list[str] = Field(default_factory=list, sa_type=JsonDocument, nullable=False)
    last_active_on: date | None = None
    told_at: datetime
    still: bool = True
