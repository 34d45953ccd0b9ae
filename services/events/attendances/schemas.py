"""Attendances as requests and answers."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from chassis.web.named import Closed
from chassis.web.schemas import MemberEmbed, RequestModel, ResponseModel
from chassis.web.values import Moment
from services.events.attendances.rules import Extent, Role

ROLE = Closed("AttendanceRole", Role)
EXTENT = Closed("AttendanceExtent", Extent)
METHOD = Closed("AttendanceMethod", ["code", "hand", "batch"])


class TicketCreate(RequestModel):
    """The code that is shown at the door."""

    code: Annotated[str, StringConstraints(min_length=1, max_length=40)]


class TicketPublic(ResponseModel):
    """What lets one check in, for five minutes."""

    ticket: str
    expires_at: datetime


class DoorCodePublic(ResponseModel):
    """What is shown at the door now, as text or as a QR code."""

    code: str
    shown_until: datetime


class CheckIn(RequestModel):
    """Check in with a ticket."""

    ticket: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    walk_in: bool = Field(default=False, description="You know that you have no seat.")


class AttendanceRecord(RequestModel):
    """Somebody was there, as those who run the activity know."""

    activity_id: UUID
    member_id: UUID
    role: Annotated[Role, ROLE] = "attendee"
    at: Moment | None = Field(
        default=None, description="When they came; null: now, or once it is over when it started."
    )
    until: Moment | None = Field(
        default=None, description="When they left, where one checks out; null: nobody knows, so not for the whole."
    )


class AttendancePublic(ResponseModel):
    """A member was at an activity."""

    id: UUID
    activity_id: UUID
    member: MemberEmbed
    role: Annotated[str, ROLE]
    method: Annotated[str, METHOD]
    walk_in: bool
    in_at: datetime
    out_at: datetime | None
    extent: Annotated[str, EXTENT] | None = Field(description="Null until the activity is completed.")
    minutes: int | None
    revoked_at: datetime | None


class BurstPublic(ResponseModel):
    """More check-ins by code in one second than there are doors. Somebody may have shown the code to who was not there."""

    at: datetime
    count: int
    check_ins: list[AttendancePublic] = Field(description="The first 20, also those that were revoked.")
