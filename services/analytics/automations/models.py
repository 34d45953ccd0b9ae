"""The tables of automations and what they did."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, SmallInteger
from sqlmodel import Field

from chassis.database.base import Publishing
from chassis.ids import new_id
from services.analytics.base import Base


class AutomationBook(Base, table=True):
    """All automations of a community: its row is locked by whoever counts them."""

    __tablename__ = "automation_books"

    community_id: UUID = Field(primary_key=True)


class AutomationQuiet(Base, table=True):
    """When history of a community was told last: what is found soon after it sets nothing off."""

    __tablename__ = "automation_quiets"

    community_id: UUID = Field(primary_key=True)
    history_at: datetime


class Automation(Base, table=True):
    """What happens by itself. `rules_version` counts what it listens to, whom it is about and what it does; `tried_version` is the one of the last dry run."""

    __tablename__ = "automations"
    __table_args__ = (
        CheckConstraint("status IN ('off', 'on')", name="status"),
        CheckConstraint("status = 'off' OR tried_version = rules_version", name="tried"),
        CheckConstraint("(trigger_kind = 'silence') = (days IS NOT NULL)", name="days"),
        CheckConstraint("tell IS NOT NULL OR raises", name="does"),
        Index(None, "community_id", "created_at", "id"),
        Index(None, "community_id", "listens_to", "status"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID
    title: str = Field(max_length=100)
    trigger_kind: str = Field(max_length=8)
    listens_to: str = Field(max_length=100)
    code: str | None = Field(default=None, max_length=40)
    event_type: str | None = Field(default=None, max_length=80)
    days: int | None = Field(default=None, sa_type=SmallInteger)
    cohort_id: UUID | None = None
    channel: str | None = Field(default=None, max_length=64)
    min_severity: str | None = Field(default=None, max_length=8)
    tell: str | None = Field(default=None, max_length=12)
    raises: bool = False
    severity: str = Field(default="low", max_length=8)
    status: str = Field(default="off", max_length=4)
    rules_version: int = 1
    tried_version: int | None = None
    tried_at: datetime | None = None
    concerned: int | None = None
    created_by_id: UUID | None = None
    created_at: datetime
    switched_at: datetime | None = None
    version: int = 1


class AutomationFiring(Base, Publishing, table=True):
    """That an automation was set off: at most once by one cause for one member. All bits zero: about no member."""

    __tablename__ = "automation_firings"
    __table_args__ = (Index(None, "automation_id", "at", "id"), Index(None, "member_id"))

    id: UUID = Field(primary_key=True)
    """Made of automation, cause and member."""
    automation_id: UUID = Field(foreign_key="automations.id")
    community_id: UUID
    cause_kind: str = Field(max_length=40)
    cause_id: UUID
    member_id: UUID | None = None
    at: datetime
