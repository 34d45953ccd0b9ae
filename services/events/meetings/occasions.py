"""What meetings need to know of what lies above them."""

from dataclasses import dataclass
from uuid import UUID

from chassis.occasions import Occasion


@dataclass(frozen=True, slots=True)
class AskedIn:
    """Somebody wants to read a meeting."""

    activity_id: UUID
    member_id: UUID


invitation_asked: Occasion[AskedIn, bool] = Occasion("invitation asked")
"""Each effect answers whether they are invited."""
