"""The tables of surveys."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from chassis.database.base import JsonDocument, Publishing
from chassis.database.constraints import unique
from chassis.ids import new_id
from chassis.problems import ALREADY_EXISTS
from services.events.base import Base


class Survey(Base, Publishing, table=True):
    """A survey. Its row is the lock for its answers; none of them changes it, so it does not tell when somebody answered.

    `tally`: what the answers come to so far, while it is `closing`. `results`: what they came to. Nothing is counted again after that.
    """

    __tablename__ = "surveys"
    __table_args__ = (
        unique("about_id", where="origin = 'activity'", name="uq_surveys_of_activity", answers=None),
        unique("community_id", "month", where="origin = 'pulse'", name="uq_surveys_of_month", answers=None),
        CheckConstraint("(status = 'draft') = (opened_at IS NULL)", name="opened"),
        CheckConstraint("(status IN ('closing', 'closed')) = (closed_at IS NOT NULL)", name="closed"),
        Index(None, "community_id", "status", "id"),
        Index(None, "about_id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID
    origin: str = Field(default="asked", max_length=8)
    """Who made it: somebody who `asked`, the end of an `activity`, or the month of a `pulse`."""
    about_kind: str = Field(max_length=12)
    about_id: UUID | None = None
    month: str | None = Field(default=None, max_length=7)
    title: str = Field(max_length=200)
    audience: str = Field(max_length=10)
    anonymity: str = Field(max_length=10)
    questions: list[dict[str, Any]] = Field(default_factory=list, sa_type=JsonDocument, nullable=False)
    status: str = Field(default="draft", max_length=8)
    opened_at: datetime | None = None
    closes_at: datetime | None = None
    closed_at: datetime | None = None
    tally: dict[str, Any] = Field(default_factory=dict, sa_type=JsonDocument, nullable=False)
    settled_upto: UUID | None = None
    """Up to which answer, by id, those with names are counted."""
    parts: int = 0
    """In how many parts it is told who took part."""
    results: dict[str, Any] | None = Field(default=None, sa_type=JsonDocument)
    told_as: list[str] = Field(default_factory=list, sa_type=JsonDocument, nullable=False)
    """The ids of the messages that told of its end."""
    wiped_at: datetime | None = None
    """When what was rewritten at its end had gone from the files, too."""
    released_at: datetime | None = None
    created_by_id: UUID | None = None
    version: int = 1
    created_at: datetime


class SurveyInvitee(Base, table=True):
    """A member who is asked by name."""

    __tablename__ = "survey_invitees"
    __table_args__ = (Index(None, "member_id", "survey_id"),)

    survey_id: UUID = Field(primary_key=True, foreign_key="surveys.id")
    member_id: UUID = Field(primary_key=True)


class SurveyAnswer(Base, Publishing, table=True):
    """What a member answered by name."""

    __tablename__ = "survey_answers"
    __table_args__ = (
        unique("survey_id", "member_id", answers=ALREADY_EXISTS, field="member_id"),
        Index(None, "survey_id", "id"),
        Index(None, "member_id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    survey_id: UUID = Field(foreign_key="surveys.id")
    member_id: UUID
    given: list[dict[str, Any]] = Field(default_factory=list, sa_type=JsonDocument, nullable=False)
    answered_at: datetime
    told_as: UUID | None = None


class SurveyBallot(Base, table=True):
    """What somebody answered who is not named, until the survey closes. Its id is random, and it says neither whose it is nor when it came."""

    __tablename__ = "survey_ballots"
    __table_args__ = (Index(None, "survey_id", "id"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    survey_id: UUID = Field(foreign_key="surveys.id")
    given: list[dict[str, Any]] = Field(default_factory=list, sa_type=JsonDocument, nullable=False)


class SurveyMixed(Base, table=True):
    """The same when the survey has closed: under another id, in random order, without free texts."""

    __tablename__ = "survey_mixed_ballots"
    __table_args__ = (Index(None, "survey_id", "id"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    survey_id: UUID = Field(foreign_key="surveys.id")
    given: list[dict[str, Any]] = Field(default_factory=list, sa_type=JsonDocument, nullable=False)


class SurveyParticipation(Base, table=True):
    """A member took part, and not what they said. `part`: in which message it was told, when the survey closed."""

    __tablename__ = "survey_participations"
    __table_args__ = (Index(None, "member_id"),)

    survey_id: UUID = Field(primary_key=True, foreign_key="surveys.id")
    member_id: UUID = Field(primary_key=True)
    part: int | None = None


class SurveyText(Base, table=True):
    """A free text of a closed survey, apart from whatever else its author answered. `withheld`: only those who run the survey read it."""

    __tablename__ = "survey_texts"
    __table_args__ = (Index(None, "survey_id", "question", "id"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    survey_id: UUID = Field(foreign_key="surveys.id")
    question: str = Field(max_length=40)
    text: str
    withheld: bool = False


class SurveyPolicy(Base, table=True):
    """What a community says about its surveys."""

    __tablename__ = "survey_policies"

    community_id: UUID = Field(primary_key=True)
    after_activities: bool = True
    """Whether who attended an activity is asked about it."""
    pulse: bool = True
    """Whether a team that runs communities is asked each month."""
    members_read: bool = False
    """Whether members read the results of what they were asked."""
    version: int = 1
