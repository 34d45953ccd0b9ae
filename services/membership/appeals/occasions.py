"""What happens to appeals and is told in the same transaction, because no message tells it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.occasions import Occasion


@dataclass(frozen=True, slots=True)
class AppealMoved:
    """A question was put to the member, they answered it, or a reviewer was appointed: `step` says which."""

    appeal_id: UUID
    community_id: UUID
    step: str
    person_id: UUID
    at: datetime


appeal_moved: Occasion[AppealMoved, None] = Occasion("appeal moved")
"""`person_id` is whose turn it is now."""
