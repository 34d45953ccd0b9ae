"""The tables of mentorships."""

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
from services.membership.mentorships.problems import MENTEE_HAS_MENTOR
from services.membership.mentorships.rules import Course, Side


class Mentorship(Base, Publishing, table=True):
    """A mentor and a mentee, from a proposal to what each says of it at its end.

    Whoever makes it, or accepts it, has locked both members, in the order of their ids, before this row. `goals` are a list of
    {text, done}; `mentor_feedback` is what the mentor said, as {rating, words, given_at}. `noted_at` is when the last note was
    written, or it began.
    """

    __tablename__ = "mentorships"
    __table_args__ = (
        unique(
            "mentor_id",
            "mentee_id",
            where="status IN ('proposed', 'active')",
            name="uq_mentorships_live",
            answers=ALREADY_EXISTS,
        ),
        unique("mentee_id", where="status = 'active'", name="uq_mentorships_mentee", answers=MENTEE_HAS_MENTOR),
        CheckConstraint("mentor_id <> mentee_id", name="two"),
        CheckConstraint("proposed_by IN ('mentor', 'mentee')", name="proposed_by"),
        CheckConstraint(
            "status IN ('proposed', 'active', 'completed', 'ended', 'declined', 'withdrawn', 'lapsed')", name="status"
        ),
        CheckConstraint("weeks BETWEEN 4 AND 24", name="weeks"),
        CheckConstraint("status <> 'active' OR (started_at IS NOT NULL AND ends_at IS NOT NULL)", name="active"),
        CheckConstraint("status NOT IN ('completed', 'ended') OR closed_at IS NOT NULL", name="over"),
        CheckConstraint(
            "closed_because IN ('time', 'agreed', 'mentor', 'mentee', 'mentor_left', 'mentee_left')",
            name="closed_because",
        ),
        CheckConstraint("completion_asked_by IN ('mentor', 'mentee')", name="completion_asked_by"),
        Index(None, "community_id", "proposed_at", "id"),
        Index(None, "community_id", "status", "noted_at"),
        Index(None, "mentor_id", "status"),
        Index(None, "mentee_id", "status"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID = Field(foreign_key="communities.id")
    mentor_id: UUID = Field(foreign_key="members.id")
    mentee_id: UUID = Field(foreign_key="members.id")
    proposed_by: str = Field(max_length=8)
    status: str = Field(max_length=16, default="proposed")
    weeks: int
    message: str | None = Field(default=None, max_length=500)
    goals: list[dict[str, Any]] = Field(default_factory=list, sa_type=JsonDocument, nullable=False)
    proposed_at: datetime
    answered_at: datetime | None = None
    started_at: datetime | None = None
    ends_at: datetime | None = None
    completion_asked_by: str | None = Field(default=None, max_length=8)
    closed_at: datetime | None = None
    closed_because: str | None = Field(default=None, max_length=16)
    """See `rules.Cause`."""
    reason: str | None = Field(default=None, max_length=1000)
    notes: int = 0
    noted_at: datetime | None = None
    mentor_feedback: dict[str, Any] | None = Field(default=None, sa_type=JsonDocument)
    mentee_feedback: dict[str, Any] | None = Field(default=None, sa_type=JsonDocument)
    version: int = 1

    @property
    def course(self) -> Course:
        """Where it stands, for the rules."""
        return Course(
            status=self.status,  # type: ignore[arg-type]  # the check constraints say so
            proposed_by=self.proposed_by,  # type: ignore[arg-type]
            proposed_at=self.proposed_at,
            started_at=self.started_at,
            ends_at=self.ends_at,
            closed_at=self.closed_at,
            completion_asked_by=self.completion_asked_by,  # type: ignore[arg-type]
        )

    def side_of(self, member_id: UUID | None) -> Side | None:
        """Which of the two a member is; None for everybody else."""
        if member_id is None:
            return None
        return "mentor" if member_id == self.mentor_id else "mentee" if member_id == self.mentee_id else None

    @property
    def said(self) -> frozenset[Side]:
        """Who has said how it was."""
        given: dict[Side, Any] = {"mentor": self.mentor_feedback, "mentee": self.mentee_feedback}
        return frozenset(side for side, words in given.items() if words is not None)


class MentorshipNote(Base, table=True):
    """What one of the two wrote down. What is `shared` those who run the community read, too; what is not the two alone."""

    __tablename__ = "mentorship_notes"
    __table_args__ = (Index(None, "mentorship_id", "written_at", "id"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID = Field(foreign_key="communities.id")
    mentorship_id: UUID = Field(foreign_key="mentorships.id")
    author_id: UUID = Field(foreign_key="members.id", index=True)
    text: str
    shared: bool
    written_at: datetime


class MentorCapacity(Base, table=True):
    """How many mentees a mentor takes at a time, where they said so. Written under the mentor's lock."""

    __tablename__ = "mentor_capacities"
    __table_args__ = (CheckConstraint("capacity BETWEEN 0 AND 10", name="capacity"),)

    member_id: UUID = Field(foreign_key="members.id", primary_key=True)
    community_id: UUID = Field(foreign_key="communities.id")
    capacity: int
