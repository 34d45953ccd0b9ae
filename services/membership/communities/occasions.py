"""What happens to communities and concerns more than the community."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from chassis.occasions import Occasion


@dataclass(frozen=True, slots=True)
class CommunityMoved:
    """A community was opened, or archived."""

    community_id: UUID
    news: Literal["opened", "archived"]
    at: datetime


community_moved: Occasion[CommunityMoved, None] = Occasion("community moved")
