"""What happens to endpoints and concerns their owners."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.occasions import Occasion


@dataclass(frozen=True, slots=True)
class SwitchedOff:
    """Nothing is sent to an endpoint any more, and whose it is."""

    webhook_id: UUID
    owner_id: UUID
    cause: str
    at: datetime


webhook_switched_off: Occasion[SwitchedOff, None] = Occasion("a webhook was switched off")
