"""The tables of promotions: who is on the committee, what it was asked, and how it voted."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text
from sqlmodel import Field

from chassis.database.constraints import unique
from chassis.ids import new_id
from chassis.problems import ALREADY_EXISTS
from services.gamification.base import Base


class CommitteeMember(Base, table=True):
    """A member who votes on the nominations of their community."""

    __tablename__ = "promotion_committees"

    community_id: UUID = Field(primary_key=True)
    member_id: UUID = Field(primary_key=True, index=True)
    named_at: datetime
    named_by: str = Field(max_length=64)


class Nomination(Base, table=True):
    """A member proposed for the level after theirs. Its row is the lock under which votes are counted and the decision is made."""

    __tablename__ = "promotion_nominations"
    __table_args__ = (
        CheckConstraint("status IN ('nominated', 'granted', 'declined')", name="status"),
        unique(
            "member_id",
            where="status = 'nominated'",
            name="uq_promotion_nominations_open",
            answers=ALREADY_EXISTS,
            field="member_id",
        ),
        Index(None, "community_id", "nominated_at", "id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID
    member_id: UUID
    from_code: str = Field(max_length=32)
    from_position: int
    level: str = Field(max_length=32)
    to_position: int
    reason: str = Field(sa_type=Text)
    status: str = Field(default="nominated", max_length=16)
    nominated_at: datetime
    nominated_by: str = Field(max_length=64)
    in_favour: int = 0
    against: int = 0
    decided_at: datetime | None = None
    decided_by: str | None = Field(default=None, max_length=64)
    decided_because: str | None = Field(default=None, sa_type=Text)


class PromotionVote(Base, table=True):
    """How a member of the committee voted; they may change it until the decision."""

    __tablename__ = "promotion_votes"

    nomination_id: UUID = Field(primary_key=True, foreign_key="promotion_nominations.id")
    member_id: UUID = Field(primary_key=True)
    in_favour: bool
    reason: str = Field(sa_type=Text)
    voted_at: datetime
