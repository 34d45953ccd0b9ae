"""The tables of earning: what happened, by which rules it is paid, and what the folds keep."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from chassis.database.base import JsonDocument
from services.gamification.base import Base


class RecordedOccurrence(Base, table=True):
    """Something that happened to a member, kept for ever; `day` is the community's. See `rules.Occurrence`."""

    __tablename__ = "earning_occurrences"
    __table_args__ = (
        Index(None, "member_id", "trigger", "occurred_at"),
        Index(None, "target_id", "target_kind"),
        Index(
            "ix_earning_occurrences_about",
            "about_id",
            postgresql_where=text("about_id IS NOT NULL"),
            sqlite_where=text("about_id IS NOT NULL"),
        ),
        Index(None, "community_id", "occurred_at"),
    )

    source_id: UUID = Field(primary_key=True)
    beneficiary: str = Field(primary_key=True, max_length=16)
    member_id: UUID = Field(primary_key=True)
    community_id: UUID
    trigger: str = Field(max_length=64)
    target_kind: str = Field(max_length=32)
    target_id: str = Field(max_length=120)
    about_kind: str | None = Field(default=None, max_length=32)
    about_id: str | None = Field(default=None, max_length=120)
    occurred_at: datetime
    day: date
    own: bool = False
    attributes: dict[str, Any] = Field(sa_type=JsonDocument)
    backfill: bool = False
    restated: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    giver_id: UUID | None = None
    sharing: int = Field(default=1, sa_column_kwargs={"server_default": text("1")})
    place: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    recorded_at: datetime


class Withdrawal(Base, table=True):
    """Whether what a target earned counts, by the newest message about it; without a row it does."""

    __tablename__ = "earning_withdrawals"
    __table_args__ = (CheckConstraint("state IN ('counts', 'removed', 'void')", name="state"),)

    target_kind: str = Field(primary_key=True, max_length=32)
    target_id: str = Field(primary_key=True, max_length=120)
    state: str = Field(max_length=8)
    version: int


class EarningRuleVersion(Base, table=True):
    """A community's version of an earning rule, on top of the default of that code (version 0).

    What it says never changes. While it is `recounting`, it holds already, but of what was done before it was made only the members
    up to `recounted_to`, by id, have been folded again, each from the day `recount_from` on (None: from the beginning).
    """

    __tablename__ = "earning_rule_versions"

    community_id: UUID = Field(primary_key=True)
    code: str = Field(primary_key=True, max_length=64)
    version: int = Field(primary_key=True)
    trigger: str = Field(max_length=64)
    when: list[dict[str, Any]] = Field(sa_type=JsonDocument)
    points: int
    xp: int
    beneficiary: str = Field(max_length=16)
    once_per: str = Field(max_length=8)
    daily_cap: int | None = None
    weekly_cap: int | None = None
    per_target_cap: int | None = None
    cooldown_minutes: int | None = None
    multipliers: list[dict[str, Any]] = Field(
        default_factory=list, sa_type=JsonDocument, sa_column_kwargs={"server_default": text("'[]'")}
    )
    giver_count: int | None = None
    giver_per: str | None = Field(default=None, max_length=4)
    shared: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    enabled: bool
    valid_from: datetime | None = None
    created_at: datetime
    created_by: str = Field(max_length=64)
    recounting: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    recount_from: date | None = None
    recounted_to: UUID | None = None


class EarningRuleTitle(Base, table=True):
    """What a community calls a rule; None where it has not said in that language."""

    __tablename__ = "earning_rule_titles"

    community_id: UUID = Field(primary_key=True)
    code: str = Field(primary_key=True, max_length=64)
    title_en: str | None = Field(default=None, max_length=100)
    title_zh: str | None = Field(default=None, max_length=100)


class DefaultEdition(Base, table=True):
    """Since when this installation has an edition of the default rules; `began_at` None is since ever."""

    __tablename__ = "earning_default_editions"

    edition: int = Field(primary_key=True)
    began_at: datetime | None = None


class EarningShare(Base, table=True):
    """What one day has used of a capped rule's room: the state a fold goes on from (`fold_rules.Share`)."""

    __tablename__ = "earning_shares"

    member_id: UUID = Field(primary_key=True)
    rule_code: str = Field(primary_key=True, max_length=64)
    day: date = Field(primary_key=True)
    counted: int
    last_at: datetime
    last_id: UUID


class EarningClaim(Base, table=True):
    """A thing that a rule has paid a member for, with the deed that claimed it."""

    __tablename__ = "earning_claims"

    member_id: UUID = Field(primary_key=True)
    rule_code: str = Field(primary_key=True, max_length=64)
    thing: str = Field(primary_key=True, max_length=160)
    claimed_at: datetime
    claimed_by: UUID


class EarningGiver(Base, table=True):
    """How many deeds of one giver a rule has counted on a day: the state a fold goes on from (`fold_rules.Share`)."""

    __tablename__ = "earning_givers"

    member_id: UUID = Field(primary_key=True)
    rule_code: str = Field(primary_key=True, max_length=64)
    giver_id: UUID = Field(primary_key=True)
    day: date = Field(primary_key=True)
    counted: int
    last_at: datetime
    last_id: UUID


class EarningTarget(Base, table=True):
    """How many points a rule has counted for one thing: the state a fold goes on from (`fold_rules.Share`)."""

    __tablename__ = "earning_targets"

    member_id: UUID = Field(primary_key=True)
    rule_code: str = Field(primary_key=True, max_length=64)
    thing: str = Field(primary_key=True, max_length=160)
    counted: int
    last_at: datetime
    last_id: UUID


class EarningOutcome(Base, table=True):
    """What a rule did not pay, or not in full, and why; forgotten after 180 days."""

    __tablename__ = "earning_outcomes"
    __table_args__ = (Index(None, "member_id", "occurred_at"),)

    source_id: UUID = Field(primary_key=True)
    member_id: UUID = Field(primary_key=True)
    rule_code: str = Field(primary_key=True, max_length=64)
    rule_version: int
    wanted_points: int
    wanted_xp: int
    paid_points: int
    paid_xp: int
    code: str = Field(max_length=16)
    occurred_at: datetime
    recorded_at: datetime = Field(index=True)
