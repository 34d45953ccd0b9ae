"""Retrospectives as requests and answers."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from chassis.web.named import Closed
from chassis.web.patches import ABSENT
from chassis.web.schemas import MemberEmbed, RequestModel, ResponseModel, Viewer
from chassis.web.values import Month

RetrospectiveStatus = Literal["due", "written"]
STATUS = Closed("RetrospectiveStatus", RetrospectiveStatus)
Part = Annotated[str, StringConstraints(max_length=5000)]


class RetrospectiveCreate(RequestModel):
    """Look back at a month of a community."""

    community_id: UUID
    month: Month


class RetrospectivePatch(RequestModel):
    """What is written. It is written once all three parts are; it may be changed afterwards."""

    kept: Part = Field(default=ABSENT, description="What went well, and stays.")
    to_change: Part = Field(default=ABSENT, description="What is to be otherwise the next time.")
    insight: Part = Field(default=ABSENT, description="What was learned.")


class RetrospectivePublic(ResponseModel):
    """What those who held an activity keep, change and have learned; or a team of its month."""

    id: UUID
    community_id: UUID
    activity_id: UUID | None
    month: str | None
    title: str | None = Field(description="The activity's; null for a month.")
    status: Annotated[str, STATUS]
    due_at: datetime
    overdue: bool
    kept: str
    to_change: str
    insight: str
    writers: list[MemberEmbed]
    written_at: datetime | None
    created_at: datetime
    viewer: Viewer
