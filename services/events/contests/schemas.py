"""Contests, attempts and boards as requests and answers."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, PlainSerializer, StringConstraints

from assessment.limits import LONGEST_PART, MOST_BLANKS, MOST_CHOICES
from chassis.bounds import GREATEST_SMALL_INTEGER
from chassis.web.named import Closed
from chassis.web.patches import ABSENT
from chassis.web.schemas import MemberEmbed, RequestModel, ResponseModel, Viewer
from chassis.web.values import Moment, OneLine, Said
from services.events.activities.schemas import HIDDEN
from services.events.contests.rules import BoardState, Entry, State, TeamsBy, TeamScore
from services.events.question_banks.question_schemas import KIND, PicturePublic

STATUS = Closed("ContestStatus", State)
ENTRY = Closed("ContestEntry", Entry)
TEAMS_BY = Closed("ContestTeamsBy", TeamsBy)
TEAM_SCORE = Closed("ContestTeamScore", TeamScore)
BOARD = Closed("ContestBoardState", BoardState)
ATTEMPT_STATUS = Closed("ContestAttemptStatus", ["running", "handed_in"])
REGRADE_STATUS = Closed("ContestRegradeStatus", ["trying", "tried", "grading", "graded", "dropped"])
PRIZES = Closed("ContestPrizes", ["kept", "taken"])

Minutes = Annotated[int, Field(ge=1, le=44_640)]
MoreMinutes = Annotated[int, Field(ge=1, le=1_440)]
TeamSize = Annotated[int, Field(ge=2, le=20)]
Number = Annotated[int, Field(ge=1, le=1_000)]
Sequence = Annotated[int, Field(ge=1, le=GREATEST_SMALL_INTEGER)]
Version = Annotated[int, Field(ge=1, le=GREATEST_SMALL_INTEGER)]
Letter = Annotated[str, StringConstraints(min_length=1, max_length=8)]
Filled = Annotated[str, StringConstraints(max_length=LONGEST_PART)]
TeamName = Annotated[str, StringConstraints(min_length=1, max_length=60), OneLine]
Reason = Annotated[str, StringConstraints(min_length=1, max_length=500), Said]
TeamMembers = Annotated[
    set[UUID], Field(min_length=1, max_length=20), PlainSerializer(lambda ids: sorted(map(str, ids)))
]


class ContestCreate(RequestModel):
    """The contest of an activity. Members know of it once it is published and its activity is announced."""

    activity_id: UUID
    paper_id: UUID
    paper_version: Version
    opens_at: Moment
    closes_at: Moment
    minutes: Minutes = Field(description="How long each member has from when they begin, never past the closing.")
    entry: Annotated[Entry, ENTRY] = Field(
        default="registered", description="Who has a seat in the activity, or all members who meet its conditions."
    )
    team_size: TeamSize | None = Field(default=None, description="The most in a team; null: everybody competes alone.")
    teams_by: Annotated[TeamsBy, TEAMS_BY] = Field(default="members", description="Who forms the teams.")
    team_score: Annotated[TeamScore, TEAM_SCORE] = Field(
        default="mean", description="What a team comes to: a mean counts nothing for who did not begin."
    )
    answers_final: bool = Field(
        default=False,
        description="An answer stays as first given, and the board follows each; else it follows what is handed in.",
    )
    board_frozen_from: Moment | None = Field(
        default=None, description="From then on the board stands still until results."
    )
    results_at: Moment | None = Field(default=None, description="When results are released; null: at the closing.")


class ContestPatch(RequestModel):
    """What to change of a contest that has not opened."""

    paper_id: UUID = ABSENT
    paper_version: Version = ABSENT
    opens_at: Moment = ABSENT
    closes_at: Moment = ABSENT
    minutes: Minutes = ABSENT
    entry: Annotated[Entry, ENTRY] = ABSENT
    teams_by: Annotated[TeamsBy, TEAMS_BY] = ABSENT
    team_score: Annotated[TeamScore, TEAM_SCORE] = ABSENT
    answers_final: bool = ABSENT
    board_frozen_from: Moment | None = None
    results_at: Moment = ABSENT


class ContestPaperEmbed(ResponseModel):
    """Which version of a paper it is."""

    id: UUID
    version: int


class ContestTeamEmbed(ResponseModel):
    """A team. `hidden` says why its name is a stand-in."""

    id: UUID
    name: str
    hidden: Annotated[str, HIDDEN] | None = None


class ContestLine(ResponseModel):
    """A line of a board: a member or a team. Scores are hundredths of a mark."""

    rank: int
    member: MemberEmbed | None
    team: ContestTeamEmbed | None
    score: int
    reached_at: datetime | None = Field(
        description="When the last answer was received that brought marks; ties go to the earlier."
    )


class ContestMine(ResponseModel):
    """What the caller has in a contest. `line` is theirs on the board as it shows now."""

    attempt_id: UUID | None
    team: ContestTeamEmbed | None
    extra_minutes: int
    line: ContestLine | None


class ContestListed(ResponseModel):
    """A contest in a list. It is called what its activity is called."""

    id: UUID
    community_id: UUID
    activity_id: UUID
    title: str
    text_hidden: Annotated[str, HIDDEN] | None = Field(
        description="Why others than those who run the activity read a stand-in for the title; null: they read it."
    )
    status: Annotated[str, STATUS] = Field(
        description="`closed`: nobody begins any more, and results are not out yet; `released`: everybody reads what they came to, with solutions; "
        "`regrading`: it is graded anew by a correction."
    )
    opens_at: datetime
    closes_at: datetime
    minutes: int
    entry: Annotated[str, ENTRY]
    team_size: int | None
    teams_by: Annotated[str, TEAMS_BY]
    team_score: Annotated[str, TEAM_SCORE]
    answers_final: bool
    board: Annotated[str, BOARD]
    board_frozen_from: datetime | None
    results_at: datetime = Field(description="Later than was set where somebody still answers who was given time.")
    questions: int
    full: int = Field(description="What a sheet comes to at most, in hundredths of a mark.")
    revision: int = Field(description="How often it was graded anew.")
    created_at: datetime


class ContestPublic(ContestListed):
    """A contest."""

    paper: ContestPaperEmbed | None = Field(description="Null for whoever does not prepare it.")
    server_time: datetime
    mine: ContestMine | None
    viewer: Viewer


class ContestTeamCreate(RequestModel):
    """A team, with the caller in it."""

    contest_id: UUID
    name: TeamName


class ContestTeamMade(RequestModel):
    """A team that whoever runs the contest makes."""

    name: TeamName
    member_ids: TeamMembers


class ContestTeamPublic(ContestTeamEmbed):
    """A team with its members."""

    contest_id: UUID
    members: list[MemberEmbed]
    size: int
    created_at: datetime


class ExtraTimeGiven(RequestModel):
    """More time for one member, on top of what they were given before."""

    member_id: UUID
    minutes: MoreMinutes


class ExtraTimePublic(ResponseModel):
    """How much more time a member has in all."""

    member: MemberEmbed
    extra_minutes: int
    attempt_id: UUID | None
    ends_at: datetime | None


class AttemptBegin(RequestModel):
    """Begin or go on. `client_id` is chosen by the device: the last one that begins or goes on is the one that saves."""

    contest_id: UUID
    client_id: UUID


class AttemptClient(RequestModel):
    """Which device it is."""

    client_id: UUID


class Pair(RequestModel):
    """What belongs to what, by the letters of the sheet."""

    stem: Letter
    choice: Letter


class AnswerGiven(RequestModel):
    """An answer, by the letters of the sheet; nothing at all takes one back. Of two saves the greater sequence counts."""

    number: Number
    sequence: Sequence
    choices: Annotated[list[Letter], Field(max_length=MOST_CHOICES)] = []
    texts: Annotated[list[Filled], Field(max_length=MOST_BLANKS)] = []
    pairs: Annotated[list[Pair], Field(max_length=MOST_CHOICES)] = []


class AnswersSave(RequestModel):
    """Answers to save together, as after a lost connection."""

    client_id: UUID
    answers: Annotated[list[AnswerGiven], Field(min_length=1, max_length=50)]


class AnswerSaved(ResponseModel):
    """What stands of an answer."""

    number: int
    sequence: int
    received_at: datetime


class AnswersSaved(ResponseModel):
    """What stands after a save, and until when there is time."""

    answers: list[AnswerSaved]
    ends_at: datetime
    server_time: datetime


class Lettered(ResponseModel):
    """Something to choose, by its letter."""

    letter: str
    text: str


class PairShown(ResponseModel):
    """What belongs to what."""

    stem: str
    choice: str


class AnswerShown(ResponseModel):
    """An answer by the letters of the sheet."""

    choices: list[str]
    texts: list[str]
    pairs: list[PairShown]


class QuestionResult(ResponseModel):
    """What an answer came to, after the release. By the version of the question by which it was graded."""

    marks: int
    right: bool
    solution: AnswerShown
    explanation: str
    feedback: list[str]


class SheetQuestion(ResponseModel):
    """A question of a sheet; `result` is there once results are released."""

    number: int
    section: str
    kind: Annotated[str, KIND]
    text: str
    full: int
    choices: list[Lettered]
    stems: list[Lettered]
    blanks: int
    pictures: list[PicturePublic] = Field(description="Of what is shown of it.")
    answer: AnswerShown | None
    sequence: int | None
    result: QuestionResult | None


class ContestAttemptPublic(ResponseModel):
    """The caller's attempt with its sheet. Scores are there once results are released."""

    id: UUID
    contest_id: UUID
    client_id: UUID
    status: Annotated[str, ATTEMPT_STATUS]
    started_at: datetime
    ends_at: datetime
    handed_in_at: datetime | None
    sequence: int = Field(description="The greatest of all saves; whoever goes on counts from here.")
    server_time: datetime
    questions: list[SheetQuestion]
    score: int | None
    full: int
    revision: int | None = Field(description="By which correction it is graded; 0 is none.")


class ContestAttemptListed(ResponseModel):
    """An attempt as whoever runs the contest sees it: neither answers nor a score."""

    id: UUID
    member: MemberEmbed
    status: Annotated[str, ATTEMPT_STATUS]
    started_at: datetime
    ends_at: datetime
    handed_in_at: datetime | None


class RegradeCreate(RequestModel):
    """Questions of the paper to grade anew by their newest version in the bank."""

    question_ids: Annotated[set[UUID], Field(min_length=1, max_length=50)]
    reason: Reason


class RegradeDecide(RequestModel):
    """Whether who loses a place also loses its prize; by default nobody does."""

    prizes: Annotated[Literal["kept", "taken"], PRIZES] = "kept"


class CorrectedQuestion(ResponseModel):
    """A question that is graded anew. Its bank and the beginning of its text are null for whoever may not read that bank."""

    question_id: UUID
    question_bank_id: UUID | None
    excerpt: str | None
    version_before: int
    version: int


class ContestRegradePublic(ResponseModel):
    """A correction: tried first, then decided."""

    id: UUID
    contest_id: UUID
    status: Annotated[str, REGRADE_STATUS]
    reason: str
    corrected: list[CorrectedQuestion]
    prizes: Annotated[str, PRIZES]
    revision: int | None
    looked_at: int = Field(description="How many attempts it was tried on so far.")
    changed: int = Field(description="How many of them come to something else.")
    asked_by: MemberEmbed | None
    decided_by: MemberEmbed | None
    decided_at: datetime | None
    created_at: datetime


class ContestRegradeLinePublic(ResponseModel):
    """Whose score changes, and by how much, in hundredths of a mark."""

    member: MemberEmbed
    before: int
    after: int
    difference: int
