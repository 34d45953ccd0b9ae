"""The tables of penalties: each as it stands, and every revision of it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from chassis.database.base import JsonDocument, Publishing
from chassis.database.constraints import unique
from chassis.ids import new_id
from services.membership.base import Base
from services.membership.penalties.rules import appeal_until

_SEVERITY = "severity IN ('minor', 'serious', 'grave')"
_SANCTION = "sanction IN ('mute', 'suspend', 'expel')"


class Penalty(Base, Publishing, table=True):
    """What followed from a confirmed case, as of its greatest revision.

    `violation_points` and `fine` are what stands now: nothing when it is undone. A sanction lasts from `since` to `until`, exclusive.
    `proposed` waits for the word of a second person. Members are no foreign keys, as in responsibilities.
    """

    __tablename__ = "penalties"
    __table_args__ = (
        # A case is confirmed once, under its lock.
        unique("case_id", answers=None),
        CheckConstraint(_SEVERITY, name="severity"),
        CheckConstraint(_SANCTION, name="sanction"),
        CheckConstraint("proposed IN ('suspend', 'expel')", name="proposed"),
        Index(None, "member_id", "imposed_at", "id"),
        Index(None, "community_id", "imposed_at", "id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID = Field(foreign_key="communities.id")
    member_id: UUID
    case_id: UUID
    rule_code: str = Field(max_length=40)
    rule_version: int
    severity: str = Field(max_length=16)
    objects: list[dict[str, Any]] = Field(default_factory=list, sa_type=JsonDocument, nullable=False)
    words: str | None = Field(default=None, max_length=2000)
    """What the member is told."""
    revision: int = 1
    violation_points: int
    fine: int
    sanction: str | None = Field(default=None, max_length=16)
    since: datetime
    until: datetime | None = None
    undone: bool = False
    imposed_at: datetime
    imposed_by: str = Field(max_length=64)
    told_at: datetime
    """When the member was told of the worst of it: from then they may appeal."""
    proposed: str | None = Field(default=None, max_length=16)
    proposed_at: datetime | None = None
    seconded_by: str | None = Field(default=None, max_length=64)
    ended_at: datetime | None = None
    """When its sanction was over by the clock, once that is recorded."""
    version: int = 1

    @property
    def appeal_until(self) -> datetime:
        """Until when the member may appeal, exclusive."""
        return appeal_until(self.told_at)


class PenaltyRevision(Base, table=True):
    """What stood of a penalty after each decision about it. Rows are only ever inserted.

    `cause`: `imposed`, `seconded` by the second person, `lessened`, `lifted`, `paused` while it is appealed, `resumed`.
    """

    __tablename__ = "penalty_revisions"
    __table_args__ = (
        CheckConstraint(_SANCTION, name="sanction"),
        CheckConstraint("cause IN ('imposed', 'seconded', 'lessened', 'lifted', 'paused', 'resumed')", name="cause"),
    )

    penalty_id: UUID = Field(foreign_key="penalties.id", primary_key=True)
    revision: int = Field(primary_key=True)
    violation_points: int
    fine: int
    sanction: str | None = Field(default=None, max_length=16)
    since: datetime
    until: datetime | None = None
    cause: str = Field(max_length=16)
    made_at: datetime
    made_by: str = Field(max_length=64)
