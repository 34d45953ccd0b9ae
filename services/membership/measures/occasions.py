"""What the clock finds about measures and concerns more than them."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from chassis.occasions import Occasion


@dataclass(frozen=True, slots=True)
class MeasureDue:
    """These members, at most some hundreds, are short of what a rule wants, and the window that began on `first` ends soon."""

    community_id: UUID
    rule_set_id: UUID
    measure_id: UUID
    first: date
    ends_at: datetime
    member_ids: tuple[UUID, ...]
    at: datetime


measure_due: Occasion[MeasureDue, None] = Occasion("measure due")
"""It is time to remind members of what a rule wants."""
