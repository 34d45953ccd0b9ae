"""What attendance needs to know of what lies above it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from chassis.occasions import Occasion
from services.events.activities.models import Activity


@dataclass(frozen=True, slots=True)
class Asked:
    """Members stand at the door, or are in the list of who was there."""

    activity_id: UUID
    member_ids: Collection[UUID]


@dataclass(frozen=True, slots=True)
class Corrected:
    """Whether members were at a locked, completed activity is known otherwise than when it was completed."""

    activity: Activity
    there: Mapping[UUID, bool]


attendance_corrected: Occasion[Corrected, None] = Occasion("attendance corrected")
seat_asked: Occasion[Asked, Collection[UUID]] = Occasion("seat asked")
"""Each effect answers who of them has a seat."""
