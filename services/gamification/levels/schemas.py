"""What the operations of ladders and promotions answer."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from chassis.web.schemas import MemberEmbed, RequestModel, ResponseModel
from chassis.web.values import Said


class RungPublic(ResponseModel):
    """A level of a ladder. `xp` reaches it, `keeps_at` keeps it."""

    code: str
    name: str
    position: int
    xp: int
    keeps_at: int
    decided: Annotated[bool, Field(description="The xp alone does not reach it: an owner decides who is given it.")]


class LadderPublic(ResponseModel):
    """A community's ladder, from the lowest level up. A level is lost after `grace_days` below its `keeps_at`."""

    community_id: UUID
    grace_days: int
    items: list[RungPublic]


class PromotionCreate(RequestModel):
    """A level given to a member who has the xp for it, and why. The reason is kept in the audit trail."""

    member_id: UUID
    level: Annotated[str, StringConstraints(max_length=32)]
    reason: Annotated[str, StringConstraints(min_length=1, max_length=500), Said]


class Missing(ResponseModel):
    """Something that the member still lacks for the next level: `xp`, or the `decision` of an owner."""

    kind: str
    required: int
    current: int
    missing: int


class ProgressPublic(ResponseModel):
    """How far a member is from the next level; `next` is null at the highest one.

    `lost_at` is when the member loses their level, unless their xp recovers to its `keeps_at`.
    """

    member: MemberEmbed
    xp: int
    level: RungPublic
    since: datetime | None
    next: RungPublic | None
    missing: list[Missing]
    lost_at: datetime | None
    as_of: datetime
