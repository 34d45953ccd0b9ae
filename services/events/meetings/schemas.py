"""Meetings and action items as requests and answers."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from chassis.web.named import Closed
from chassis.web.patches import ABSENT
from chassis.web.schemas import MemberEmbed, RequestModel, ResponseModel, Viewer
from chassis.web.values import Day, OneLine, Said

ItemStatus = Literal["open", "done", "dropped"]
ITEM_STATUS = Closed("ActionItemStatus", ItemStatus)

Title = Annotated[str, StringConstraints(min_length=1, max_length=200), OneLine]
Decision = Annotated[str, StringConstraints(min_length=1, max_length=1000), Said]


class AgendaPoint(RequestModel):
    """Something to talk about; `notes` are read beforehand."""

    title: Title
    minutes: Annotated[int, Field(ge=1, le=1440)] | None = None
    notes: Annotated[str, StringConstraints(max_length=5000)] = ""


class MeetingPatch(RequestModel):
    """What to change: the agenda beforehand, minutes and decisions afterwards."""

    agenda: Annotated[list[AgendaPoint], Field(max_length=50)] = ABSENT
    minutes: Annotated[str, StringConstraints(max_length=50_000)] = ABSENT
    decisions: Annotated[list[Decision], Field(max_length=100)] = ABSENT


class AgendaPointPublic(ResponseModel):
    """Something to talk about."""

    title: str
    minutes: int | None
    notes: str


class ActionItemCreate(RequestModel):
    """Something that somebody is to do."""

    activity_id: UUID
    title: Title
    owner_id: UUID
    due_on: Day


class ActionItemPatch(RequestModel):
    """What to change."""

    title: Title = ABSENT
    owner_id: UUID = ABSENT
    due_on: Day = ABSENT


class ActionItemClose(RequestModel):
    """Whether it is done, or is not to be done any more."""

    status: Annotated[Literal["done", "dropped"], Closed("ActionItemEnd", ["done", "dropped"])] = "done"


class ActionItemPublic(ResponseModel):
    """Something that somebody is to do, and from which meeting."""

    id: UUID
    community_id: UUID
    activity_id: UUID
    title: str
    owner: MemberEmbed
    due_on: date
    overdue: bool
    status: Annotated[str, ITEM_STATUS]
    closed_at: datetime | None
    created_at: datetime
    viewer: Viewer


class MeetingPublic(ResponseModel):
    """A meeting. `items` came out of it; `carried_over` are older ones of the community that are still open, the longest due first."""

    activity_id: UUID
    community_id: UUID
    title: str
    starts_at: datetime
    agenda: list[AgendaPointPublic]
    minutes: str
    decisions: list[str]
    minuted_at: datetime | None
    items: list[ActionItemPublic]
    carried_over: list[ActionItemPublic]
    viewer: Viewer
