"""The tables of measures: what the rules in force want, and what members did lately."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from chassis.database.constraints import unique
from chassis.ids import new_id
from services.membership.base import Base


class RuleMeasure(Base, table=True):
    """What a rule of the version in force wants of each member. One that a new version leaves as it is stays the same row.

    Members are held to windows that begin after `since`.
    """

    __tablename__ = "rule_measures"
    __table_args__ = (
        # Written when rules are published, under the lock of the community.
        unique("community_id", "code", answers=None),
        CheckConstraint("op IN ('gte', 'lte')", name="op"),
        CheckConstraint("\"window\" IN ('day', 'week', 'month')", name="window"),
        Index(None, "rule_set_id", "code"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID = Field(foreign_key="communities.id")
    rule_set_id: UUID = Field(foreign_key="rule_sets.id")
    code: str = Field(max_length=40)
    metric: str = Field(max_length=16)
    op: str = Field(max_length=8)
    value: int
    window: str = Field(max_length=8)
    since: datetime
    reminded_after: UUID | None = None
    """The member up to whom those of the present window were reminded."""


class MeasuredDeed(Base, table=True):
    """Something that a member did on a day of their community, where a rule counts it; its id is that of what they made.

    Messages come in any order: `member_id` and `kind` are null where only its removal was heard of. `live`: it counts, by the message of the
    greatest `version`. Forgotten after 70 days.
    """

    __tablename__ = "measured_deeds"
    __table_args__ = (Index(None, "member_id", "day"), Index(None, "day"))

    id: UUID = Field(primary_key=True)
    community_id: UUID
    kind: str | None = Field(default=None, max_length=16)
    member_id: UUID | None = None
    day: date
    version: int
    live: bool
