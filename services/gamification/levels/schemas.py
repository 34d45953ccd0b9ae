"""What the operations of ladders and promotions answer."""

from datetime import datetime
from uuid import UUID

from chassis.web.schemas import MemberEmbed, ResponseModel


class RungPublic(ResponseModel):
    """A step of a ladder; `xp` is what it asks, `keeps_at` what keeps it once reached."""

    code: str
    name: str
    position: int
    xp: int
    keeps_at: int


class LadderPublic(ResponseModel):
    """A community's ladder, from the bottom; a level is lost after `grace_days` below `keeps_at`."""

    community_id: UUID
    grace_days: int
    items: list[RungPublic]


class Missing(ResponseModel):
    """One thing the next rung asks that is not there yet."""

    kind: str
    required: int
    current: int
    missing: int


class ProgressPublic(ResponseModel):
    """How far a member is from the next rung; `next` is null at the top.

    `lost_at` is when the level will be lost unless xp recovers to what keeps it.
    """

    member: MemberEmbed
    xp: int
    level: RungPublic
    since: datetime | None
    next: RungPublic | None
    missing: list[Missing]
    lost_at: datetime | None
    as_of: datetime
