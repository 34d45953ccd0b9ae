"""What happens to communities and concerns more than the community."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from chassis.occasions import Occasion
from chassis.security.caller import Caller


@dataclass(frozen=True, slots=True)
class CommunityMoved:
    """A community was opened, or archived."""

    community_id: UUID
    news: Literal["opened", "archived"]
    at: datetime


community_moved: Occasion[CommunityMoved, None] = Occasion("community moved")


@dataclass(frozen=True, slots=True)
class CommunityAssigned:
    """Who is assigned to a community, how it is joined, or when its days begin has changed."""

    community_id: UUID
    at: datetime


community_assigned: Occasion[CommunityAssigned, None] = Occasion("community assigned")


@dataclass(frozen=True, slots=True)
class CommunityCopied:
    """A new community takes parts of another one, which the caller sees; whether they read a part there is still to be asked."""

    community_id: UUID
    source_id: UUID
    parts: Sequence[str]
    caller: Caller
    at: datetime


community_copied: Occasion[CommunityCopied, None] = Occasion("community copied")
