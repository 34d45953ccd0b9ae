"""The tables of awards by hand."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from chassis.ids import new_id
from services.gamification.base import Base


class Award(Base, table=True):
    """Points proposed for a member, and what became of it. The row is the lock of its decision.

    Nobody proposed what an appeal gives back (`proposer_id` is None): it waits for an owner, and is of nobody's budget.
    `month` is the first day of the community's month whose budget it counts by. A `citation` is public once the member has said so.
    """

    __tablename__ = "awards"
    __table_args__ = (
        CheckConstraint("points > 0", name="points"),
        CheckConstraint("status IN ('pending', 'given', 'refused')", name="status"),
        CheckConstraint("(status = 'pending') = (decided_at IS NULL)", name="decided"),
        Index(None, "community_id", "created_at", "id"),
        Index(None, "member_id", "created_at"),
        Index(None, "proposer_id", "month"),
        Index(None, "community_id", "month"),
        Index(
            "ix_awards_pending",
            "community_id",
            "created_at",
            postgresql_where=text("status = 'pending'"),
            sqlite_where=text("status = 'pending'"),
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID
    member_id: UUID
    proposer_id: UUID | None = None
    points: int
    reason: str
    citation: str | None = None
    citation_public: bool | None = None
    status: str = Field(default="pending", max_length=8)
    month: date
    created_at: datetime
    decided_at: datetime | None = None
    decided_by: UUID | None = None
    refusal: str | None = None


class AwardBudget(Base, table=True):
    """What may be given by hand in a month: by each person, and by all of a community together (None: no limit). The row is the lock of the latter."""

    __tablename__ = "award_budgets"
    __table_args__ = (CheckConstraint("per_person >= 0", name="per_person"),)

    community_id: UUID = Field(primary_key=True)
    per_person: int
    together: int | None = None
