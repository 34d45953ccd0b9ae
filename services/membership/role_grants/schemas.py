"""Role grants as requests and answers."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from chassis.web.actors import Actor
from chassis.web.named import Closed
from chassis.web.schemas import ROLE, MemberEmbed, RequestModel, ResponseModel, Viewer
from chassis.web.values import Moment
from services.membership.roster.rules import Cause, Role


class RoleGrantCreate(RequestModel):
    """A role for a member. `until` is exclusive; without it, the member has the role until it is revoked."""

    member_id: UUID
    role: Annotated[Role, ROLE]
    until: Moment | None = None


class RoleGrantPublic(ResponseModel):
    """A role that was given: by whom, and from when (`since`) to when (`until`). `active` is as of now."""

    id: UUID
    community_id: UUID
    member_id: UUID
    member: MemberEmbed
    role: Annotated[str, ROLE]
    cause: Annotated[str, Closed("RoleCause", Cause)]
    given_by: Actor
    since: datetime
    until: datetime | None
    revoked_at: datetime | None
    revoked_by: Actor | None
    active: bool
    viewer: Viewer | None = None
