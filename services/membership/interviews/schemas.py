"""Interviews as requests and answers."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, model_validator

from chassis.web.actors import Actor
from chassis.web.named import Closed
from chassis.web.patches import ABSENT
from chassis.web.schemas import RequestModel, ResponseModel, Viewer
from chassis.web.values import Moment, OneLine, Said
from chassis.wrong import Wrong, second_of_two
from services.membership.interviews import rules
from services.membership.interviews.rules import Status

STATUS = Closed("InterviewStatus", Status)

Place = Annotated[str, Field(min_length=1, max_length=300), OneLine]
Reason = Annotated[str, Field(min_length=1, max_length=800), Said]
People = Annotated[list[UUID], Field(min_length=1, max_length=rules.MOST_INTERVIEWERS)]


def _check_times(starts_at: datetime, ends_at: datetime) -> None:
    if not rules.SHORTEST <= ends_at - starts_at <= rules.LONGEST:
        raise Wrong(
            "wrong_length",
            "An interview lasts from 5 minutes to 8 hours.",
            "面谈时长须为 5 分钟至 8 小时。",
            at="/ends_at",
        )


class InterviewCreate(RequestModel):
    """A slot. With `application_id` it is offered to that applicant alone, else to all of the campaign who are at this step."""

    campaign_id: UUID
    application_id: UUID | None = None
    starts_at: Moment
    ends_at: Moment
    place: Place | None = Field(default=None, description="A room, or the address of a call.")
    interviewer_ids: People = Field(description="People who are named as interviewers of the campaign.")

    @model_validator(mode="after")
    def _sound(self) -> Self:
        _check_times(self.starts_at, self.ends_at)
        _check_differ(self.interviewer_ids)
        return self


class InterviewMove(RequestModel):
    """A new time. Without `place` it stays where it was."""

    starts_at: Moment
    ends_at: Moment
    place: Place | None = ABSENT

    @model_validator(mode="after")
    def _sound(self) -> Self:
        _check_times(self.starts_at, self.ends_at)
        return self


class Cancellation(RequestModel):
    """Why it does not take place, or counts no more. Whom it concerns reads it."""

    reason: Reason


class InterviewersPut(RequestModel):
    """Who interviews, instead of who did."""

    interviewer_ids: People

    @model_validator(mode="after")
    def _differ(self) -> Self:
        _check_differ(self.interviewer_ids)
        return self


def _check_differ(people: list[UUID]) -> None:
    if len(set(people)) < len(people):
        raise Wrong(
            "named_twice",
            "Name everybody once.",
            "请勿重复指定同一人。",
            at=f"/interviewer_ids/{second_of_two([str(one) for one in people])}",
        )


class ConflictDeclare(RequestModel):
    """Why they must not judge, for those who run the campaign; nobody else reads it."""

    reason: Reason | None = None


class CampaignInterviewerPublic(ResponseModel):
    """Somebody who interviews for a campaign."""

    community_id: UUID
    campaign_id: UUID
    person: Actor
    named_at: datetime


class ConflictPublic(ResponseModel):
    """That somebody must not judge an application. `reason` is read by who declared it, and by those who run the campaign."""

    community_id: UUID
    application_id: UUID
    person: Actor
    reason: str | None
    declared_at: datetime


class InterviewPublic(ResponseModel):
    """A slot. The applicant does not see who else it is offered to; `lacking` and `conflicts` are read by those who run the campaign."""

    id: UUID
    community_id: UUID
    campaign_id: UUID
    campaign_title: str
    status: Annotated[str, STATUS]
    starts_at: datetime
    ends_at: datetime
    place: str | None
    interviewers: list[Actor]
    lacking: int | None = Field(default=None, description="How many interviewers it has lost that nobody has replaced.")
    application_id: UUID | None
    applicant: Actor | None = None
    offered_to_one: bool
    chosen_at: datetime | None
    give_up_until: datetime | None
    cancel_reason: str | None
    viewer: Viewer | None = None
