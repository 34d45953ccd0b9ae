"""The tables of tests: frozen papers, attempts, the answers in them."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index
from sqlmodel import Field

from assessment.attempts import Course
from chassis.database.base import JsonDocument
from chassis.database.constraints import key, unique
from chassis.ids import new_id
from services.membership.base import Base


class FrozenPaper(Base, table=True):
    """A version of a paper as events had it when it was fetched; rows are only inserted. `fingerprint` is the hash of `document`."""

    __tablename__ = "frozen_papers"
    # Written by a job alone.
    __table_args__ = (key("paper_id", "version", answers=None),)

    paper_id: UUID
    version: int
    community_id: UUID = Field(foreign_key="communities.id")
    fingerprint: str = Field(max_length=64)
    document: dict[str, Any] = Field(sa_type=JsonDocument, nullable=False)
    attachments: list[Any] = Field(default_factory=list, sa_type=JsonDocument, nullable=False)
    fetched_at: datetime


class Attempt(Base, table=True):
    """One go of an applicant at the paper. `client_id` is the client that holds it.

    `ends_at` is when the server hands it in, which follows from the campaign's test and from `moved`: how many microseconds later than
    everybody's its limits are. `score` and `full` are hundredths of a mark, `ungraded` answers wait for people; all three from the handing in on.
    The campaign is no foreign key: writing that would wait for whoever decides there. `paper_version` is the one that it was drawn from;
    `graded_version`, if any, the later one that corrects its questions: by which it is shown while it runs, and graded once it is handed in.
    """

    __tablename__ = "test_attempts"
    __table_args__ = (
        # Counted under the lock of the application, so no request brings these about.
        unique("application_id", "number", answers=None),
        unique("application_id", where="handed_in_at IS NULL", name="uq_test_attempts_one_live", answers=None),
        CheckConstraint("handed_in_by IN ('applicant', 'clock', 'end')", name="handed_in_by"),
        Index(None, "campaign_id", "started_at", "id"),
        Index(None, "community_id", "ungraded"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    application_id: UUID = Field(foreign_key="applications.id")
    campaign_id: UUID
    community_id: UUID
    person_id: UUID = Field(index=True)
    number: int
    paper_id: UUID
    paper_version: int
    seed: str = Field(max_length=64)
    client_id: UUID
    started_at: datetime
    moved: int = Field(default=0, sa_type=BigInteger)
    ends_at: datetime | None = None
    handed_in_at: datetime | None = None
    handed_in_by: str | None = Field(default=None, max_length=16)
    score: int | None = None
    full: int | None = None
    ungraded: int = 0
    graded_version: int | None = None

    @property
    def questions_version(self) -> int:
        """The version of the paper of which it has its questions."""
        return self.graded_version or self.paper_version

    @property
    def course(self) -> Course:
        """As the library reads it."""
        return Course(self.started_at, timedelta(microseconds=self.moved), self.handed_in_at)


class GivenAnswer(Base, table=True):
    """What was last saved of one answer, by the keys of the question. `marks` are hundredths that a person gave."""

    __tablename__ = "test_answers"
    # Written as what stands after a save, whatever was there.
    __table_args__ = (key("attempt_id", "question_id", answers=None),)

    attempt_id: UUID = Field(foreign_key="test_attempts.id")
    question_id: str = Field(max_length=64)
    answer: dict[str, Any] = Field(sa_type=JsonDocument, nullable=False)
    sequence: int = Field(sa_type=BigInteger)
    received_at: datetime
    marks: int | None = None
    marked_by: str | None = Field(default=None, max_length=64)
    marked_at: datetime | None = None


class TestRegrade(Base, table=True):
    """A correction of a campaign's test by a later version of its paper: fetched, tried, then decided.

    `before_version` is the one that was in force when somebody asked. `upto`: up to which application, by id, the piece of work that is
    under way has come. `returned`: how many have come back by it so far; the other numbers are of the trial.
    """

    __tablename__ = "test_regrades"
    __table_args__ = (
        CheckConstraint(
            "status IN ('fetching', 'trying', 'tried', 'grading', 'graded', 'dropped', 'refused')", name="status"
        ),
        # Decided under the lock of the campaign.
        unique(
            "campaign_id",
            where="status IN ('fetching', 'trying', 'tried', 'grading')",
            name="uq_test_regrades_one",
            answers=None,
        ),
        Index(None, "campaign_id", "id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID
    campaign_id: UUID = Field(foreign_key="campaigns.id")
    paper_version: int
    before_version: int
    status: str = Field(default="fetching", max_length=8)
    reason: str = Field(max_length=500)
    refusals: list[dict[str, Any]] = Field(default_factory=list, sa_type=JsonDocument, nullable=False)
    corrected: list[dict[str, Any]] = Field(default_factory=list, sa_type=JsonDocument, nullable=False)
    looked_at: int = 0
    changed: int = 0
    passes: int = 0
    fails: int = 0
    returns: int = 0
    returned: int = 0
    upto: UUID | None = None
    asked_by: str = Field(max_length=64)
    decided_by: str | None = Field(default=None, max_length=64)
    decided_at: datetime | None = None
    created_at: datetime


class TestRegradeLine(Base, table=True):
    """What a correction changes for one application: its best score in hundredths, its result, whether it comes back, and why not."""

    __tablename__ = "test_regrade_lines"

    regrade_id: UUID = Field(primary_key=True, foreign_key="test_regrades.id")
    application_id: UUID = Field(primary_key=True, index=True)
    score_before: int | None = None
    score: int | None = None
    result_before: str | None = Field(default=None, max_length=16)
    result: str | None = Field(default=None, max_length=16)
    returns: bool = False
    stays: str | None = Field(default=None, max_length=24)
