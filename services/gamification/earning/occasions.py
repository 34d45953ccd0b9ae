"""What earning learns and other features have to follow."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.occasions import Occasion
from services.gamification.earning.rules import Occurrence
from services.gamification.ledger.wallets import WalletState


@dataclass(frozen=True, slots=True)
class DeedsRecorded:
    """Deeds that were not known before, and the locked wallets of their members by member id."""

    occurrences: Sequence[Occurrence]
    wallets: Mapping[UUID, WalletState]
    now: datetime


deeds_recorded: Occasion[DeedsRecorded, None] = Occasion("deeds recorded")
"""They are kept, and what they earn is written."""


deeds_restored: Occasion[DeedsRecorded, None] = Occasion("deeds restored")
"""Deeds that were taken back count again, and what they earn is written."""


@dataclass(frozen=True, slots=True)
class DaysMoved:
    """Members of a community whose zone or start of day is another than was known."""

    community_id: UUID
    member_ids: Collection[UUID]
    now: datetime


days_moved: Occasion[DaysMoved, None] = Occasion("days moved")
"""What these members earn by the day has been folded again; what else counts by days is to follow for them."""
