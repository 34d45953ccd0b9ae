"""The tables of cases and of the reports that they are made of."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from chassis.database.base import Publishing
from chassis.database.constraints import unique
from chassis.ids import new_id
from services.membership.base import Base


class Case(Base, Publishing, table=True):
    """What one member is said to have done: with one thing, or without one, as long as nobody has decided about it.

    `claimed_by_id` is a member, none where the reviewer claimed it. `for_reviewer`: whoever runs the community may not decide about it,
    and an administrator appoints a reviewer, a person who is no member. Members are no foreign keys, as in responsibilities.
    """

    __tablename__ = "cases"
    __table_args__ = (
        # Looked for under the lock of the member.
        unique(
            "community_id",
            "member_id",
            "object_kind",
            "object_id",
            where="object_id IS NOT NULL",
            name="uq_cases_of_a_thing",
            answers=None,
        ),
        unique(
            "member_id",
            where="object_id IS NULL AND status IN ('open', 'claimed')",
            name="uq_cases_of_nothing",
            answers=None,
        ),
        CheckConstraint("status IN ('open', 'claimed', 'confirmed', 'dismissed')", name="status"),
        CheckConstraint("category IN ('speech', 'etiquette', 'learning', 'advertising', 'other')", name="category"),
        CheckConstraint("(object_kind IS NULL) = (object_id IS NULL)", name="object"),
        Index(None, "community_id", "status", "weight", "id"),
        Index(None, "community_id", "opened_at", "id"),
        Index(None, "reviewer_id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID = Field(foreign_key="communities.id")
    member_id: UUID
    object_kind: str | None = Field(default=None, max_length=40)
    object_id: UUID | None = None
    category: str = Field(max_length=16)
    status: str = Field(max_length=16, default="open")
    deed_at: datetime
    opened_at: datetime
    reported_at: datetime
    """When it was reported last."""
    reports: int = 0
    """Of members to this service."""
    reports_weight: int = 0
    content_reports: int = 0
    """As many as content has counted."""
    found: bool = False
    """Whether a scanner found it."""
    weight: int = 0
    """What the queue is ordered by."""
    for_reviewer: bool = False
    reviewer_id: UUID | None = None
    claimed_by_id: UUID | None = None
    claimed_at: datetime | None = None
    decided_at: datetime | None = None
    decided_by: str | None = Field(default=None, max_length=64)
    reason: str | None = Field(default=None, max_length=2000)
    """Why it was decided so, for those who work cases."""
    rule_code: str | None = Field(default=None, max_length=40)
    rule_version: int | None = None
    penalty_id: UUID | None = None
    version: int = 1


class ConductReport(Base, table=True):
    """What one member reported of a case. Nobody but those who work it is told who.

    `words` are forgotten when the deed is too old for a case. `outcome` is what became of it, by which later reports weigh.
    """

    __tablename__ = "conduct_reports"
    __table_args__ = (
        # Looked for under the lock of the member.
        unique("case_id", "reporter_id", answers=None),
        CheckConstraint("outcome IN ('confirmed', 'dismissed')", name="outcome"),
        Index(None, "reporter_id", "reported_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    case_id: UUID = Field(foreign_key="cases.id")
    community_id: UUID = Field(foreign_key="communities.id")
    member_id: UUID
    reporter_id: UUID
    object_kind: str | None = Field(default=None, max_length=40)
    object_id: UUID | None = None
    category: str = Field(max_length=16)
    words: str | None = Field(default=None, max_length=2000)
    weight: int
    outcome: str | None = Field(default=None, max_length=16)
    reported_at: datetime
