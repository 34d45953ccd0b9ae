"""Surveys as requests and answers."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, PlainSerializer, StringConstraints

from chassis.web.named import Closed
from chassis.web.patches import ABSENT
from chassis.web.schemas import MemberEmbed, RequestModel, ResponseModel, Viewer
from chassis.web.values import Moment, Month, OneLine, Said
from services.events.surveys.rules import About, Anonymity, Audience, QuestionKind, Status

ABOUT = Closed("SurveyAbout", About)
AUDIENCE = Closed("SurveyAudience", Audience)
ANONYMITY = Closed("Anonymity", Anonymity)
QUESTION_KIND = Closed("SurveyQuestionKind", QuestionKind)
STATUS = Closed("SurveyStatus", Status)
ORIGIN = Closed("SurveyOrigin", ["asked", "activity", "pulse"])

Code = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"^[a-z][a-z0-9_]*$")]
Title = Annotated[str, StringConstraints(min_length=1, max_length=200), OneLine]
Text = Annotated[str, StringConstraints(min_length=1, max_length=2000), Said]
Score = Annotated[int, Field(ge=1, le=5)]
Members = Annotated[set[UUID], Field(max_length=500), PlainSerializer(lambda ids: sorted(map(str, ids)))]


class SurveyChoice(RequestModel):
    """One of the answers to choose from."""

    code: Code
    title: Title


class SurveyQuestion(RequestModel):
    """A question: a score from 1 to 5, one of some choices, or free text."""

    code: Code
    kind: Annotated[QuestionKind, QUESTION_KIND]
    title: Title
    choices: Annotated[list[SurveyChoice], Field(max_length=20)] = []
    required: bool = True


Questions = Annotated[list[SurveyQuestion], Field(min_length=1, max_length=30)]


class AboutGiven(RequestModel):
    """What a survey is about: a thing by its id, or a month."""

    kind: Annotated[About, ABOUT]
    id: UUID | None = None
    month: Month | None = None


class SurveyCreate(RequestModel):
    """A survey. Nobody is asked before it is opened."""

    community_id: UUID
    about: AboutGiven
    title: Title
    audience: Annotated[Audience, AUDIENCE] = Field(
        description="All members, those who attended what it is about, or those in `member_ids`."
    )
    member_ids: Members = set()
    anonymity: Annotated[Anonymity, ANONYMITY] = "anonymous"
    questions: Questions
    closes_at: Moment | None = Field(
        default=None, description="Null: three working days after it is opened, in working time."
    )


class SurveyPatch(RequestModel):
    """What to change of a draft."""

    title: Title = ABSENT
    questions: Questions = ABSENT
    closes_at: Moment | None = None
    anonymity: Annotated[Anonymity, ANONYMITY] = ABSENT


class SurveyAnswered(RequestModel):
    """The answer to one question, by its kind."""

    question: Code
    score: Score | None = None
    choice: Code | None = None
    text: Text | None = None


class SurveyAnswerCreate(RequestModel):
    """What the caller answers. They answer once."""

    answers: Annotated[list[SurveyAnswered], Field(max_length=30)]


class SurveyRelease(RequestModel):
    """Who is judged may read the results, and the free texts but for these."""

    withheld_ids: Members = set()


class AboutPublic(ResponseModel):
    """What a survey is about."""

    kind: Annotated[str, ABOUT]
    id: UUID | None
    month: str | None


class SurveyChoicePublic(ResponseModel):
    """One of the answers to choose from."""

    code: str
    title: str


class SurveyQuestionPublic(ResponseModel):
    """A question."""

    code: str
    kind: Annotated[str, QUESTION_KIND]
    title: str
    choices: list[SurveyChoicePublic]
    required: bool


class SurveyMine(ResponseModel):
    """How it stands with the caller."""

    asked: bool
    answered: bool


class SurveyListed(ResponseModel):
    """A survey as lists show it."""

    id: UUID
    community_id: UUID
    origin: Annotated[str, ORIGIN] = Field(
        description="Somebody asks, or it is made after an activity, or for a month."
    )
    about: AboutPublic
    title: str
    audience: Annotated[str, AUDIENCE]
    anonymity: Annotated[str, ANONYMITY]
    status: Annotated[str, STATUS]
    opened_at: datetime | None
    closes_at: datetime | None
    closed_at: datetime | None
    released_at: datetime | None
    mine: SurveyMine | None
    viewer: Viewer
    created_at: datetime


class SurveyPublic(SurveyListed):
    """A survey. `privacy` says in words who can know what of an answer, and is to be shown beside the form."""

    questions: list[SurveyQuestionPublic]
    privacy: str


class SurveyResult(ResponseModel):
    """What the answers to one question came to."""

    code: str
    title: str
    kind: Annotated[str, QUESTION_KIND]
    n: int
    mean: float | None = None
    choices: list["SurveyChoiceCount"] = []


class SurveyChoiceCount(ResponseModel):
    """How many chose it."""

    code: str
    title: str
    count: int


class SurveyResultsPublic(ResponseModel):
    """What a closed survey came to. Questions with fewer than five answers are left out."""

    survey_id: UUID
    anonymity: Annotated[str, ANONYMITY]
    asked: int
    answered: int
    questions: list[SurveyResult]


class SurveyTextPublic(ResponseModel):
    """A free text, in no order, and apart from whatever else its author answered."""

    id: UUID
    question: str
    text: str
    withheld: bool


class SurveyAnswerPublic(ResponseModel):
    """What a member answered by name."""

    id: UUID
    member: MemberEmbed
    answers: list["SurveyAnsweredPublic"]
    answered_at: datetime


class SurveyAnsweredPublic(ResponseModel):
    """The answer to one question, by its kind."""

    question: str
    score: int | None = None
    choice: str | None = None
    text: str | None = None


class SurveyPolicyPatch(RequestModel):
    """What to say about surveys."""

    after_activities: bool = ABSENT
    pulse: bool = ABSENT
    members_read: bool = ABSENT


class SurveyPolicyPublic(ResponseModel):
    """What a community says about its surveys."""

    community_id: UUID
    after_activities: bool = Field(description="Whether those who attended an activity are asked about it.")
    pulse: bool = Field(description="Whether a team that runs communities is asked each month how it is.")
    members_read: bool = Field(description="Whether members read the results of what they were asked.")
