"""Registrations as requests and answers."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from chassis.web.named import Closed
from chassis.web.schemas import JsonObject, MemberEmbed, RequestModel, ResponseModel, Viewer
from services.events.activities.schemas import REGISTRATION_STATUS, FormVersion
from services.events.registrations.rules import HeldBy, RegistrationQueue

HELD_BY = Closed("HeldBy", HeldBy)
QUEUE = Closed("RegistrationQueue", RegistrationQueue)


class AnswersPut(RequestModel):
    """What a member answers to the activity's form."""

    answers: JsonObject = Field(default={}, description="To the activity's form; at most 8 KiB.")
    form_version: FormVersion | None = Field(
        default=None, description="Of the form that was shown to them; null: the present one."
    )


class RegistrationCreate(AnswersPut):
    """Come to an activity."""

    activity_id: UUID
    short_notice: bool = Field(
        default=False,
        description="Whether you also take a seat that falls free in the last 24 hours before the start. Who waits already says so by registering again.",
    )


class AssignCreate(RequestModel):
    """Who is expected at an activity."""

    activity_id: UUID
    member_ids: Annotated[set[UUID], Field(min_length=1, max_length=500)]


class LeaveDecide(RequestModel):
    """Whether they are excused."""

    excused: bool


class LeavePublic(ResponseModel):
    """Somebody asks for leave; `decided_at` is null until it is decided."""

    reason: str
    asked_at: datetime
    decided_at: datetime | None


class AnswersPublic(ResponseModel):
    """What a member answered, and to which version of the form."""

    form_version: int
    answers: JsonObject
    given_at: datetime


class RegistrationPublic(ResponseModel):
    """A member's registration."""

    id: UUID
    activity_id: UUID
    member: MemberEmbed
    status: Annotated[str, REGISTRATION_STATUS]
    place: int | None = Field(description="In the line, from 1; null for who does not wait.")
    offer_ends_at: datetime | None = Field(
        description="Until when the seat is offered, at least: the time runs from when the offer has reached them, or after 4 hours of the day anyway."
    )
    offer_untold: bool = Field(
        description="The time of the offer runs though it has not reached them before. If it ends, they keep their place in the line."
    )
    short_notice: bool
    unconfirmed: bool = Field(description="The activity was moved, and they have not said that they still come.")
    registered_at: datetime
    pass_: str | None = Field(
        serialization_alias="pass",
        description="For the member who has a seat: what they show at the door, as a QR code.",
    )
    leave: LeavePublic | None = Field(description="For the member and those who decide.")
    answers: AnswersPublic | None = Field(
        description="For the member and who runs the activity, operators and owners; null where nothing was answered."
    )
    viewer: Viewer


class ActivityRef(ResponseModel):
    """The activity that a registration is for."""

    id: UUID
    title: str
    starts_at: datetime


class RegistrationWaiting(RegistrationPublic):
    """A registration that waits for those who run the community's activities."""

    activity: ActivityRef


class WaitlistPublic(ResponseModel):
    """The line for an activity, and why nobody in it is given a seat."""

    capacity: int | None
    confirmed: int
    offered: int
    waiting: int
    held_by: Annotated[str, HELD_BY] | None = Field(description="Null where no seat is free, or nobody waits.")


class Upcoming(ResponseModel):
    """An activity that the reader has a seat for."""

    id: UUID
    title: str
    starts_at: datetime
    ends_at: datetime
