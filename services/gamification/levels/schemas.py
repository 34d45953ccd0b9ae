"""What the operations of ladders and promotions answer."""

from datetime import datetime
from uuid import UUID

from chassis.web.schemas import MemberEmbed, ResponseModel


class RungPublic(ResponseModel):
    """A level of a ladder. `xp` reaches it, `keeps_at` keeps it."""

    code: str
    name: str
    position: int
    xp: int
    keeps_at: int


class LadderPublic(ResponseModel):
    """A community's ladder, from the lowest level up. A level is lost after `grace_days` below its `keeps_at`."""

    community_id: UUID
    grace_days: int
    items: list[RungPublic]


class Missing(ResponseModel):
    """Something that the member still lacks for the next level."""

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
