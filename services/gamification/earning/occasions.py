"""What earning learns and other features have to follow."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.occasions import Occasion


@dataclass(frozen=True, slots=True)
class DaysMoved:
    """Members of a community whose zone or start of day is another than was known."""

    community_id: UUID
    member_ids: Collection[UUID]
    now: datetime


days_moved: Occasion[DaysMoved, None] = Occasion("days moved")
"""What these members earn by the day has been folded again; what else counts by days is to follow for them."""
