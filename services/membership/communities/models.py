"""The tables of communities: the community, its slugs of all time, the versions of its charter."""

from datetime import datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from chassis.database.base import JsonDocument, Publishing
from chassis.database.constraints import key, unique
from chassis.ids import new_id
from services.membership.base import Base
from services.membership.communities.problems import SLUG_TAKEN


class Community(Base, Publishing, table=True):
    """A bounded group. `version` counts edits (the ETag); `charter_version` is 0 until there is a charter.

    `unseen`: name and positioning as they were written last, where others do not read them: they read `name` and `positioning`.
    """

    __tablename__ = "communities"
    __table_args__ = (
        unique("slug", answers=SLUG_TAKEN),
        CheckConstraint("kind IN ('training', 'operations_team')", name="kind"),
        CheckConstraint("status IN ('draft', 'open', 'archived')", name="status"),
        CheckConstraint("visibility IN ('public', 'internal', 'private')", name="visibility"),
        CheckConstraint("\"join\" IN ('campaign', 'open', 'invitation', 'assigned')", name="join"),
        CheckConstraint("streak_days IN ('every_day', 'workdays')", name="streak_days"),
        Index(None, "created_at", "id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    slug: str = Field(max_length=60)
    name: str = Field(max_length=100)
    kind: str = Field(max_length=16)
    status: str = Field(max_length=16, default="draft")
    visibility: str = Field(max_length=16)
    join: str = Field(max_length=16)
    time_zone: str = Field(max_length=64)
    day_starts_at: time
    streak_days: str = Field(max_length=16)
    positioning: dict[str, Any] | None = Field(default=None, sa_type=JsonDocument)
    unseen: dict[str, Any] | None = Field(default=None, sa_type=JsonDocument)
    assigned: dict[str, Any] | None = Field(default=None, sa_type=JsonDocument)
    charter_version: int = 0
    rule_set_id: UUID | None = None
    """Of the rules in force: repeated here, so that one row says what is asked of every member."""
    rules_version: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """Of the rules in force; 0 until there are some."""
    rules_acknowledge_by: datetime | None = None
    operated_by: UUID | None = Field(default=None, foreign_key="communities.id")
    version: int = 1
    created_at: datetime
    updated_at: datetime
    opened_at: datetime | None = None
    archived_at: datetime | None = None


class CommunitySlug(Base, table=True):
    """Every slug a community ever had: an old link leads on, and nobody else may take it over."""

    __tablename__ = "community_slugs"
    __table_args__ = (key("slug", answers=SLUG_TAKEN),)

    slug: str = Field(max_length=60, primary_key=True)
    community_id: UUID = Field(foreign_key="communities.id", index=True)
    since: datetime


class Charter(Base, table=True):
    """One version of a charter; rows are only ever inserted."""

    __tablename__ = "charters"

    community_id: UUID = Field(foreign_key="communities.id", primary_key=True)
    version: int = Field(primary_key=True)
    content: dict[str, Any] = Field(sa_type=JsonDocument, nullable=False)
    published_at: datetime
    published_by: str = Field(max_length=64)
