"""Tests as requests and answers. No solution is in any of them that an applicant reads, and no result before it is released."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from assessment.questions import Kind
from chassis.web.named import Closed
from chassis.web.schemas import RequestModel, ResponseModel, Viewer

KIND = Closed("QuestionKind", Kind)
AttemptState = Literal["running", "handed_in"]
STATE = Closed("AttemptState", AttemptState)
EndedBy = Literal["applicant", "clock", "end"]
ENDED_BY = Closed("AttemptEndedBy", EndedBy)
Letter = Annotated[str, Field(min_length=1, max_length=8)]
GREATEST_SEQUENCE = 2**53 - 1


class AttemptBegin(RequestModel):
    """Begins an attempt, or takes over the one that runs. `client_id` is made by the client, one for each device or window."""

    application_id: UUID
    client_id: UUID


class PairGiven(RequestModel):
    """A stem of a matching question and the choice that belongs to it, by the numbers and letters of the sheet."""

    stem: Letter
    choice: Letter


class AnswerSave(RequestModel):
    """An answer as it stands: `choices` by the letters of the sheet, of an ordering in their order; `texts` one for each blank; `pairs` of a matching.

    `sequence` is counted by the client: of several saves of one question the greatest wins, in whatever order they arrive.
    """

    question_id: str = Field(min_length=1, max_length=64)
    sequence: int = Field(ge=0, le=GREATEST_SEQUENCE)
    choices: list[Letter] = Field(default=[], max_length=26)
    texts: list[Annotated[str, Field(max_length=4000)]] = Field(default=[], max_length=20)
    pairs: list[PairGiven] = Field(default=[], max_length=26)


class AnswersSave(RequestModel):
    """Answers to save, those that were given since the last save that arrived."""

    client_id: UUID
    answers: list[AnswerSave] = Field(min_length=1, max_length=50)


class AttemptHandIn(RequestModel):
    """Hands an attempt in, by the client that holds it."""

    client_id: UUID


class ExtraTime(RequestModel):
    """How many minutes more this applicant has in all, for each attempt and after the window closes. It is never made less."""

    minutes: int = Field(ge=0, le=1440)


class MarksGiven(RequestModel):
    """What an answer is worth, in hundredths of a mark, at most what the question brings."""

    marks: int = Field(ge=0, le=100_000)


class SheetPart(ResponseModel):
    """A choice or a stem, and the letter or number by which it is named."""

    letter: str
    text: str


class PairKept(ResponseModel):
    """A stem and the choice that was matched with it, by the numbers and letters of the sheet."""

    stem: str
    choice: str


class AnswerKept(ResponseModel):
    """An answer as it was last saved, by the letters of the sheet."""

    sequence: int
    choices: list[str]
    texts: list[str]
    pairs: list[PairKept]


class SheetPicture(ResponseModel):
    """A picture that a text shows as `attachment:<id>`, and where it is for a while; read the attempt again for a new address."""

    attachment_id: UUID
    url: str


class SheetQuestion(ResponseModel):
    """A question as this applicant sees it. `blanks`: how many texts are wanted. `marks` are hundredths of a mark."""

    id: str
    kind: Annotated[str, KIND]
    text: str
    marks: int
    choices: list[SheetPart]
    stems: list[SheetPart]
    blanks: int
    pictures: list[SheetPicture]
    answer: AnswerKept | None


class SheetSection(ResponseModel):
    """A part of the paper."""

    title: str
    questions: list[SheetQuestion]


class AttemptPublic(ResponseModel):
    """An attempt of the caller's. Count the time that is left by `server_time`, not by the device's clock."""

    id: UUID
    application_id: UUID
    campaign_id: UUID
    number: int
    state: Annotated[str, STATE]
    client_id: UUID
    started_at: datetime
    ends_at: datetime | None
    handed_in_at: datetime | None
    sequence: Annotated[int, Field(description="The greatest of all saves; whoever goes on counts from here.")]
    server_time: datetime
    sections: list[SheetSection]
    viewer: Viewer


class AttemptSaved(ResponseModel):
    """Until when more is taken."""

    id: UUID
    state: Annotated[str, STATE]
    ends_at: datetime | None
    server_time: datetime


class AttemptResult(ResponseModel):
    """An attempt as those read it who grade: without the applicant's name. `ungraded` answers wait for people.

    `graded_version` is the version of the paper of which it has its questions and what is right.
    `passed` is null as long as nobody can say: it runs, or does not pass yet and is not graded.
    """

    id: UUID
    application_id: UUID
    campaign_id: UUID
    number: int
    state: Annotated[str, STATE]
    started_at: datetime
    ends_at: datetime | None
    handed_in_at: datetime | None
    handed_in_by: Annotated[str, ENDED_BY] | None
    score: int | None
    full: int | None
    passed: bool | None
    ungraded: int
    graded_version: int
    viewer: Viewer


class GradedAnswer(ResponseModel):
    """A question with its solution's words for who grades, what was answered, and what that is worth; `marks` is null while it waits for people."""

    question_id: str
    kind: Annotated[str, KIND]
    text: str
    rubric: str
    full: int
    choices: list[str]
    texts: list[str]
    pairs: list[PairKept]
    marks: int | None
    by_people: bool


class AttemptAnswers(AttemptResult):
    """An attempt with its answers, in the order of the paper; choices by their texts."""

    answers: list[GradedAnswer]


class ExtraTimeGiven(ResponseModel):
    """How many minutes more the applicant has now, and until when an attempt of theirs lasts that runs."""

    application_id: UUID
    minutes: int
    closes_at: datetime | None
    attempt_id: UUID | None
    ends_at: datetime | None
