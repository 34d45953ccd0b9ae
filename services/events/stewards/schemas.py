"""Stewards and scans as requests and answers."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from chassis.web.named import Closed
from chassis.web.schemas import MemberEmbed, RequestModel, ResponseModel
from chassis.web.values import Moment

Result = Literal["admitted", "already", "walk_in", "wrong_activity", "revoked"]
RESULT = Closed("ScanResult", Result)


class StewardsPublic(ResponseModel):
    """Who scans at the door of an activity."""

    activity_id: UUID
    stewards: list[MemberEmbed]


class ScanFields(RequestModel):
    """A pass that was scanned."""

    pass_: Annotated[str, StringConstraints(min_length=1, max_length=120), Field(alias="pass")]
    client_id: UUID = Field(description="The scan's own id: sent again, it is the same scan.")
    scanned_at: Moment | None = Field(default=None, description="Null: now.")
    walk_in: bool = Field(default=False, description="Somebody without a seat is let in.")


class Scan(ScanFields):
    """A pass that was scanned at the door of an activity."""

    activity_id: UUID


class ScanBatch(RequestModel):
    """What was scanned without a network, at one activity."""

    activity_id: UUID
    scans: Annotated[list[ScanFields], Field(min_length=1, max_length=500)]


class DoorCounts(ResponseModel):
    """How many came to an activity so far. Names are for those who run it."""

    activity_id: UUID
    expected: int = Field(description="Members with a seat.")
    present: int = Field(description="Who was let in, with a seat or without; whoever speaks is not counted.")
    walk_ins: int = Field(description="Those of them who had no seat.")


class ScanPublic(ResponseModel):
    """What a scan came to. `walk_in`: they have no seat, and nothing is recorded until they are let in."""

    result: Annotated[str, RESULT]
    attendance_id: UUID | None
    member: MemberEmbed | None = Field(description="Null for a pass of another activity.")
