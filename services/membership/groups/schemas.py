"""Groups as requests and answers."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from chassis.texts import Hidden
from chassis.web.named import Closed
from chassis.web.patches import ABSENT
from chassis.web.schemas import MemberEmbed, RequestModel, ResponseModel, Viewer
from chassis.web.values import OneLine, Said
from services.membership.cohorts.schemas import CohortRef
from services.membership.groups.rules import AT_ONCE, LARGEST, SMALLEST, Status

STATUS = Closed("GroupStatus", Status)
HIDDEN = Closed("TextHidden", Hidden)

Name = Annotated[str, StringConstraints(min_length=1, max_length=100), OneLine]
Purpose = Annotated[str, StringConstraints(min_length=1, max_length=1000), Said]
Capacity = Annotated[int, Field(ge=SMALLEST, le=LARGEST)]


class GroupCreate(RequestModel):
    """A new group. Whoever forms it leads it and belongs to it, unless an owner or operator names somebody else, or nobody."""

    community_id: UUID
    name: Name
    purpose: Purpose | None = None
    capacity: Capacity = 12
    cohort_id: UUID | None = Field(default=None, description="Only its members may join; null: everyone.")
    leader_id: UUID | None = Field(
        default=None,
        description="A member's id. Left out, it is the caller; only owners and operators name others, or null for nobody.",
    )


class GroupPatch(RequestModel):
    """What to change. Null takes purpose or leader away; a leader belongs to the group."""

    name: Name = ABSENT
    purpose: Purpose | None = None
    capacity: Capacity = ABSENT
    leader_id: UUID | None = None


class GroupMove(RequestModel):
    """Whom to put in or take out."""

    member_ids: Annotated[set[UUID], Field(min_length=1, max_length=AT_ONCE)]


class GroupMine(ResponseModel):
    """Since when the caller belongs to it."""

    since: datetime


class GroupPublic(ResponseModel):
    """A group. Until moderation has let through what was written, others read a stand-in as its name and no purpose,
    and `hidden` says why. `balanced`: a grouping put it together, that of `grouping_id`. `members` counts who belongs to it.
    """

    id: UUID
    community_id: UUID
    name: str
    purpose: str | None
    hidden: Annotated[str, HIDDEN] | None
    capacity: int
    members: int
    leader: MemberEmbed | None
    cohort: CohortRef | None
    balanced: bool
    grouping_id: UUID | None
    status: Annotated[str, STATUS]
    mine: GroupMine | None
    created_at: datetime
    dissolved_at: datetime | None
    viewer: Viewer


class GroupMemberPublic(ResponseModel):
    """Who belongs to a group, and since when."""

    member: MemberEmbed
    since: datetime
    leads: bool
