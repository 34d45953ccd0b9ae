"""What happens to endpoints and concerns their owners."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.occasions import Occasion


@dataclass(frozen=True, slots=True)
class OffEndpoint:
    """An endpoint to which nothing is sent any more, whose it is, and where."""

    id: UUID
    owner_id: UUID
    community_id: UUID | None


@dataclass(frozen=True, slots=True)
class SwitchedOff:
    """Those that were switched off at once."""

    endpoints: Sequence[OffEndpoint]
    at: datetime


webhooks_switched_off: Occasion[SwitchedOff, None] = Occasion("webhooks were switched off")
