"""What attendance needs to know of what lies above it."""

from dataclasses import dataclass
from uuid import UUID

from chassis.occasions import Occasion
from services.events.activities.models import Activity


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody stands at the door."""

    activity_id: UUID
    member_id: UUID


@dataclass(frozen=True, slots=True)
class Corrected:
    """Whether a member was at a locked, completed activity is known otherwise than when it was completed."""

    activity: Activity
    member_id: UUID
    there: bool


attendance_corrected: Occasion[Corrected, None] = Occasion("attendance corrected")
seat_asked: Occasion[Asked, bool] = Occasion("seat asked")
"""Each effect answers whether they have a seat."""
