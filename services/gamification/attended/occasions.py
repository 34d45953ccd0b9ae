"""What happens here that higher features follow."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.occasions import Occasion


@dataclass(frozen=True, slots=True)
class AttendancesTold:
    """What is known of these attendances may be other than before: of themselves, their activities, or who was there."""

    attendance_ids: Collection[UUID]
    community_ids: Collection[UUID]
    now: datetime


attendances_told: Occasion[AttendancesTold, None] = Occasion("attendances told")
"""They are written; an effect sees what is known now, in whatever order it came."""
