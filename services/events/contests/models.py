"""The tables of contests."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, false, text
from sqlmodel import Field

from chassis.database.base import JsonDocument
from chassis.database.constraints import unique
from chassis.ids import new_id
from chassis.problems import ALREADY_EXISTS
from services.events.base import Base


class Contest(Base, table=True):
    """The contest of an activity. Its row is the lock for its teams, for time that is given, and for what becomes of it at its end.

    No answer changes it, so many save at once. `status` is what was written down; what it is now follows from the clock (`rules.state_at`).
    """

    __tablename__ = "contests"
    __table_args__ = (
        unique("activity_id", answers=ALREADY_EXISTS, field="activity_id"),
        CheckConstraint("opens_at < closes_at AND closes_at <= results_at", name="order"),
        Index(None, "community_id", "opens_at", "id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID
    activity_id: UUID = Field(foreign_key="activities.id")
    paper_id: UUID
    paper_version: int
    opens_at: datetime
    closes_at: datetime
    minutes: int
    entry: str = Field(max_length=10)
    team_size: int | None = None
    """How many are in a team at most; none where everybody competes alone."""
    teams_by: str = Field(max_length=10)
    team_score: str = Field(max_length=4)
    answers_final: bool
    """Whether an answer stays as it was first given: then the board follows each answer, and else each attempt that is handed in."""
    board_frozen_from: datetime | None = None
    results_at: datetime
    held_until: datetime | None = None
    """Until when somebody answers who was given time; nothing is released before."""
    status: str = Field(default="draft", max_length=9)
    fingerprint: str = Field(default="", max_length=64)
    """Of the paper by which it is graded now."""
    questions: int = 0
    full: int = 0
    """How many questions each person gets, and what they come to: known once the paper is frozen."""
    revision: int = 0
    """How often it was graded anew."""
    standings_parts: int = 0
    told: int = 0
    """How many lines of the standings are told, while they are, `told_after` the last of them."""
    told_after: list[Any] | None = Field(default=None, sa_type=JsonDocument)
    finished_at: datetime | None = None
    created_by_id: UUID | None = None
    version: int = 1
    created_at: datetime


class ContestPaper(Base, table=True):
    """What a contest is graded by: the paper as it was frozen, and again with each correction. Rows are only inserted once it has opened."""

    __tablename__ = "contest_papers"

    contest_id: UUID = Field(primary_key=True, foreign_key="contests.id")
    revision: int = Field(primary_key=True)
    document: dict[str, Any] = Field(sa_type=JsonDocument, nullable=False)
    fingerprint: str = Field(max_length=64)
    bank_ids: list[str] = Field(default_factory=list, sa_type=JsonDocument, nullable=False)
    """Whence its questions come: who has read one of these banks does not compete."""


class ContestTeam(Base, table=True):
    """A team. Who is in it stands until the contest opens, and then stays."""

    __tablename__ = "contest_teams"
    __table_args__ = (
        unique("contest_id", "name", answers=ALREADY_EXISTS, field="name"),
        Index(None, "contest_id", "created_at", "id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID
    contest_id: UUID = Field(foreign_key="contests.id")
    name: str = Field(max_length=60)
    size: int = 0
    created_by_id: UUID
    created_at: datetime


class ContestTeamMember(Base, table=True):
    """A member of a team: of one in each contest."""

    __tablename__ = "contest_team_members"
    __table_args__ = (Index(None, "team_id", "member_id"),)

    contest_id: UUID = Field(primary_key=True, foreign_key="contests.id")
    member_id: UUID = Field(primary_key=True)
    team_id: UUID = Field(foreign_key="contest_teams.id")


class ContestExtraTime(Base, table=True):
    """How much more time somebody was given, before or while they answer: it moves the end of their minutes and of the window."""

    __tablename__ = "contest_extra_times"

    contest_id: UUID = Field(primary_key=True, foreign_key="contests.id")
    member_id: UUID = Field(primary_key=True)
    minutes: int


class ContestCompetitor(Base, table=True):
    """A line of the board: a member who competes alone, or a team; `who_id` is the member's or the team's.

    `score` and `reached_at` are what they have come to; `board_score` and `board_reached_at` what others see of it while the contest
    goes on, once they are `on_board`. Who has no marks has the same `reached_at` as all others who have none.
    """

    __tablename__ = "contest_competitors"
    __table_args__ = (
        # Whoever comes second finds the line of the first.
        unique("contest_id", "who_id", answers=None),
        Index("ix_contest_competitors_final", "contest_id", "score", "reached_at", "id"),
        Index("ix_contest_competitors_board", "contest_id", "on_board", "board_score", "board_reached_at", "id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    contest_id: UUID = Field(foreign_key="contests.id")
    who_id: UUID
    score: int = 0
    reached_at: datetime
    on_board: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    board_score: int = 0
    board_reached_at: datetime
    told_rank: int | None = None
    told_score: int | None = None
    """Where they stood when that was told last."""
    prize_rank: int | None = None
    prize_since: int = 0
    """The place whose prize they have, none before the end; and since which revision they have it."""


class ContestAttempt(Base, table=True):
    """One member's attempt. Its row is the lock for its answers.

    `seed` never leaves the server. `asked`: the ids of its questions in their order. `moved_us`: by how many microseconds its limits are
    later than everybody's, through extra time and pauses; `ends_at` follows from that. `client_id`: who may save now.
    """

    __tablename__ = "contest_attempts"
    __table_args__ = (
        # The one who comes second has the attempt of the first.
        unique("contest_id", "member_id", answers=None),
        Index(
            "ix_contest_attempts_running",
            "contest_id",
            "ends_at",
            "id",
            postgresql_where=text("handed_in_at IS NULL"),
            sqlite_where=text("handed_in_at IS NULL"),
        ),
        Index(None, "contest_id", "id"),
        Index(None, "competitor_id"),
        Index(None, "member_id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID
    contest_id: UUID = Field(foreign_key="contests.id")
    member_id: UUID
    competitor_id: UUID = Field(foreign_key="contest_competitors.id")
    client_id: UUID
    seed: str = Field(max_length=64)
    asked: list[str] = Field(sa_type=JsonDocument, nullable=False)
    started_at: datetime
    moved_us: int = Field(default=0, sa_type=BigInteger)
    ends_at: datetime
    handed_in_at: datetime | None = None
    handed_in_by: str | None = Field(default=None, max_length=6)
    score: int = 0
    reached_at: datetime | None = None
    revision: int = 0
    """By which revision of the paper it is graded."""
    erased: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """Whether its answers went with the person: it keeps its marks, and is graded no more."""


class ContestAnswer(Base, table=True):
    """An answer as it was last saved, by the keys of the question's parts, with what it brings."""

    __tablename__ = "contest_answers"

    attempt_id: UUID = Field(primary_key=True, foreign_key="contest_attempts.id")
    question_id: UUID = Field(primary_key=True)
    answer: dict[str, Any] = Field(sa_type=JsonDocument, nullable=False)
    sequence: int
    received_at: datetime
    marks: int


class ContestStandings(Base, table=True):
    """What was told of who stands where, a message each: told again with the same words."""

    __tablename__ = "contest_standings"

    contest_id: UUID = Field(primary_key=True, foreign_key="contests.id")
    revision: int = Field(primary_key=True)
    part: int = Field(primary_key=True)
    of: int
    lines: list[dict[str, Any]] = Field(sa_type=JsonDocument, nullable=False)
    told_at: datetime


class ContestRegrade(Base, table=True):
    """A correction of questions: first tried, then decided.

    `upto`: up to which attempt, by id, the piece of work that is under way has come.
    """

    __tablename__ = "contest_regrades"
    __table_args__ = (
        # Decided under the lock of the contest.
        unique(
            "contest_id", where="status IN ('trying', 'tried', 'grading')", name="uq_contest_regrades_one", answers=None
        ),
        Index(None, "contest_id", "id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID
    contest_id: UUID = Field(foreign_key="contests.id")
    status: str = Field(default="trying", max_length=8)
    reason: str = Field(max_length=500)
    corrected: list[dict[str, Any]] = Field(sa_type=JsonDocument, nullable=False)
    """The questions that it corrects, each with the version before and after."""
    document: dict[str, Any] = Field(sa_type=JsonDocument, nullable=False)
    fingerprint: str = Field(max_length=64)
    prizes: str = Field(default="kept", max_length=5)
    revision: int | None = None
    looked_at: int = 0
    changed: int = 0
    upto: UUID | None = None
    asked_by_id: UUID
    decided_by_id: UUID | None = None
    decided_at: datetime | None = None
    created_at: datetime


class ContestRegradeLine(Base, table=True):
    """Whose marks a correction changes, and by how much, in hundredths."""

    __tablename__ = "contest_regrade_lines"

    regrade_id: UUID = Field(primary_key=True, foreign_key="contest_regrades.id")
    attempt_id: UUID = Field(primary_key=True, foreign_key="contest_attempts.id")
    member_id: UUID
    before: int
    after: int
