"""What happens to robots of groups and concerns a community's owners."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.occasions import Occasion


@dataclass(frozen=True, slots=True)
class ChannelOff:
    """Nothing is posted by a channel any more."""

    channel_id: UUID
    community_id: UUID
    at: datetime


channel_switched_off: Occasion[ChannelOff, None] = Occasion("a messenger channel was switched off")
