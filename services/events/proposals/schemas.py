"""Proposals as requests and answers."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from chassis.web.named import Closed
from chassis.web.patches import ABSENT
from chassis.web.schemas import MemberEmbed, RequestModel, ResponseModel, Viewer
from chassis.web.tags import Tags
from chassis.web.values import Moment
from services.events.activities.rules import Kind
from services.events.activities.schemas import HIDDEN, KIND, Description, Hours, TimeZone, Title
from services.events.proposals.rules import Status

STATUS = Closed("ProposalStatus", Status)
Wishes = Annotated[str, StringConstraints(max_length=1000)]


class ProposalCreate(RequestModel):
    """An activity that you would like to have."""

    community_id: UUID
    kind: Annotated[Kind, KIND] = "sharing_session"
    title: Title
    description: Description = ""
    wishes: Wishes = Field(default="", description="When, where and for whom you have it in mind.")
    tags: Tags = []
    hours: Hours | None = None
    speaks: bool = Field(default=True, description="Whether you would speak yourself.")


class ProposalPatch(RequestModel):
    """What to change, as long as nobody has decided."""

    kind: Annotated[Kind, KIND] = ABSENT
    title: Title = ABSENT
    description: Description = ABSENT
    wishes: Wishes = ABSENT
    tags: Tags = ABSENT
    hours: Hours | None = None
    speaks: bool = ABSENT


class ProposalAccept(RequestModel):
    """When it takes place, for the draft that becomes of it, and what its proposer has to do with it."""

    starts_at: Moment
    ends_at: Moment
    time_zone: TimeZone | None = Field(default=None, description="Null: the community's.")
    organises: bool = Field(default=True, description="The proposer runs it; else you do.")
    speaks: bool | None = Field(default=None, description="The proposer speaks at it; null: as they proposed.")


class ProposalPublic(ResponseModel):
    """An activity that a member proposes."""

    id: UUID
    community_id: UUID
    proposer: MemberEmbed
    kind: Annotated[str, KIND]
    title: str
    text_hidden: Annotated[str, HIDDEN] | None = Field(
        description="Why others than the proposer read a stand-in for its text; null: they read it."
    )
    description: str
    wishes: str
    tags: list[str]
    hours: float | None
    speaks: bool
    status: Annotated[str, STATUS]
    reason: str | None = Field(description="Why it was declined.")
    decided_at: datetime | None
    activity_id: UUID | None = Field(description="What became of it, once it is accepted.")
    created_at: datetime
    viewer: Viewer
