"""The tables of rules: rule sets, and who has acknowledged which."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from chassis.database.base import JsonDocument, Publishing
from chassis.database.constraints import unique
from chassis.ids import new_id
from chassis.problems import ALREADY_EXISTS
from services.membership.base import Base


class RuleSet(Base, Publishing, table=True):
    """Rules as they were written together: a draft, or a version once `number` is given. A community has one draft at a time.

    `number` counts the community's versions, `version` the edits of the draft (the ETag). A version is in force from `published_at` until
    `superseded_at`.
    """

    __tablename__ = "rule_sets"
    __table_args__ = (
        unique(
            "community_id",
            where="number IS NULL",
            name="uq_rule_sets_draft",
            answers=ALREADY_EXISTS,
            field="community_id",
        ),
        unique("community_id", "number", answers=ALREADY_EXISTS),
        CheckConstraint(
            "(number IS NULL) = (published_at IS NULL) AND (number IS NULL) = (acknowledge_by IS NULL)",
            name="published",
        ),
        Index(None, "community_id", "created_at", "id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID = Field(foreign_key="communities.id")
    number: int | None = None
    rules: list[dict[str, Any]] = Field(default_factory=list, sa_type=JsonDocument, nullable=False)
    version: int = 1
    created_at: datetime
    published_at: datetime | None = None
    published_by: str | None = Field(default=None, max_length=64)
    acknowledge_by: datetime | None = None
    superseded_at: datetime | None = None
    reminded_until: datetime | None = None
    """Up to when the clock was looked at for reminders."""
    reminded_after: UUID | None = None
    """The member up to whom those of the present look were reminded."""


class RuleAcknowledgement(Base, table=True):
    """That a member has acknowledged a version, for ever: rows are only ever inserted."""

    __tablename__ = "rule_acknowledgements"

    member_id: UUID = Field(foreign_key="members.id", primary_key=True)
    rule_set_id: UUID = Field(foreign_key="rule_sets.id", primary_key=True, index=True)
    acknowledged_at: datetime
