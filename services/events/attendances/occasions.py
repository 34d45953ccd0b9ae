"""What attendance needs to know of what lies above it."""

from dataclasses import dataclass
from uuid import UUID

from chassis.occasions import Occasion


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody stands at the door."""

    activity_id: UUID
    member_id: UUID


seat_asked: Occasion[Asked, bool] = Occasion("seat asked")
"""Each effect answers whether they have a seat."""
