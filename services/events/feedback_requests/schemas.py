"""Feedback requests as requests and answers."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, PlainSerializer, StringConstraints

from chassis.web.named import Closed
from chassis.web.schemas import MemberEmbed, RequestModel, ResponseModel, Viewer
from chassis.web.values import Moment, OneLine, Said
from services.events.feedback_requests.rules import FEWEST_QUESTIONS, MOST_COLLEAGUES, MOST_QUESTIONS, Status

STATUS = Closed("FeedbackRequestStatus", Status)

Title = Annotated[str, StringConstraints(min_length=1, max_length=200), OneLine]
Answer = Annotated[str, StringConstraints(min_length=1, max_length=2000), Said]
Colleagues = Annotated[
    set[UUID], Field(min_length=1, max_length=MOST_COLLEAGUES), PlainSerializer(lambda ids: sorted(map(str, ids)))
]


class FeedbackRequestCreate(RequestModel):
    """What to ask colleagues about a piece of work."""

    community_id: UUID
    title: Title
    description: Annotated[str, StringConstraints(max_length=5000)] = Field(
        default="", description="What the work is, and where to find it."
    )
    questions: Annotated[list[Title], Field(min_length=FEWEST_QUESTIONS, max_length=MOST_QUESTIONS)]
    member_ids: Colleagues
    closes_at: Moment | None = Field(default=None, description="Null: five working days from now, in working time.")


class FeedbackAnswers(RequestModel):
    """What a colleague thinks, one answer for each question, in their order."""

    answers: Annotated[list[Answer], Field(min_length=FEWEST_QUESTIONS, max_length=MOST_QUESTIONS)]


class ColleaguePublic(ResponseModel):
    """A colleague who is asked. `answers` are read by the author of the work, and by whoever gave them."""

    member: MemberEmbed
    answered_at: datetime | None
    answers: list[str] | None


class FeedbackRequestListed(ResponseModel):
    """A feedback request as lists show it."""

    id: UUID
    community_id: UUID
    author: MemberEmbed
    title: str
    status: Annotated[str, STATUS]
    closes_at: datetime
    closed_at: datetime | None
    asked: int
    answered: int | None = Field(description="How many answered; null for whoever is asked.")
    created_at: datetime


class FeedbackRequestPublic(FeedbackRequestListed):
    """A feedback request. Its author reads all colleagues, and each of them themselves alone."""

    description: str
    questions: list[str]
    colleagues: list[ColleaguePublic]
    viewer: Viewer
