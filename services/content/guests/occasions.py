"""What happens to guests and concerns more than them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.occasions import Occasion


@dataclass(frozen=True, slots=True)
class GuestsGone:
    """These speakers do not come after all: they were withdrawn, or their activity was cancelled."""

    invitation_ids: Sequence[UUID]
    at: datetime


guests_gone: Occasion[GuestsGone, None] = Occasion("guests gone")
