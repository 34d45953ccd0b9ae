"""What happens to cases and concerns more than those who work them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.occasions import Occasion


@dataclass(frozen=True, slots=True)
class ReviewerAppointed:
    """The person who is to decide about a case."""

    person_id: UUID
    case_id: UUID
    at: datetime


reviewer_appointed: Occasion[ReviewerAppointed, None] = Occasion("reviewer appointed")
"""An administrator appointed somebody to decide about a case."""
