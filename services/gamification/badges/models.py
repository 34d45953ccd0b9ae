"""The tables of badges: what they are for, each version for ever, and who has which."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text
from sqlmodel import Field

from chassis.database.base import JsonDocument
from chassis.database.constraints import unique
from chassis.ids import new_id
from chassis.problems import ALREADY_EXISTS
from services.gamification.base import Base


class Badge(Base, table=True):
    """A badge of a community, as it is now. Without criteria it is given by hand alone; one that is not `enabled` is not given at all."""

    __tablename__ = "badges"
    __table_args__ = (
        unique("community_id", "code", answers=ALREADY_EXISTS, field="code"),
        CheckConstraint("match IN ('all', 'any')", name="match"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID
    code: str = Field(max_length=32)
    version: int = 1
    name_zh: str = Field(max_length=40)
    name_en: str = Field(max_length=40)
    about_zh: str = Field(sa_type=Text)
    about_en: str = Field(sa_type=Text)
    match: str = Field(max_length=8)
    criteria: list[dict[str, Any]] = Field(sa_type=JsonDocument)
    enabled: bool = True
    created_at: datetime


class BadgeVersion(Base, table=True):
    """What a badge said in one version; it never changes, because awards name it."""

    __tablename__ = "badge_versions"

    badge_id: UUID = Field(primary_key=True, foreign_key="badges.id")
    version: int = Field(primary_key=True)
    name_zh: str = Field(max_length=40)
    name_en: str = Field(max_length=40)
    match: str = Field(max_length=8)
    criteria: list[dict[str, Any]] = Field(sa_type=JsonDocument)
    made_at: datetime
    made_by: str = Field(max_length=64)


class BadgeAward(Base, table=True):
    """A badge that a member has, or had until it was revoked; they have each badge once, whichever version."""

    __tablename__ = "badge_awards"
    __table_args__ = (
        CheckConstraint("cause IN ('reached', 'past', 'by_hand')", name="cause"),
        # Decided under the lock of the wallet.
        unique(
            "badge_id", "member_id", where="revoked_at IS NULL", name="uq_badge_awards_held", answers=ALREADY_EXISTS
        ),
        Index(None, "member_id"),
        Index(None, "badge_id", "awarded_at", "id"),
        Index(None, "community_id", "awarded_at", "id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    badge_id: UUID = Field(foreign_key="badges.id")
    badge_version: int
    community_id: UUID
    member_id: UUID
    cause: str = Field(max_length=8)
    reason: str | None = Field(default=None, sa_type=Text)
    awarded_at: datetime
    awarded_by: str = Field(max_length=64)
    revoked_at: datetime | None = None
    revoked_by: str | None = Field(default=None, max_length=64)
    revoked_because: str | None = Field(default=None, sa_type=Text)
