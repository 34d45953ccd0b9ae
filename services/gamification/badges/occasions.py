"""What happens to badges that features above follow."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.occasions import Occasion
from services.gamification.ledger.wallets import WalletState


@dataclass(frozen=True, slots=True)
class BadgesMoved:
    """The locked wallets of members who were given badges or lost some."""

    wallets: Mapping[UUID, WalletState]
    now: datetime


badges_moved: Occasion[BadgesMoved, None] = Occasion("badges moved")
"""Awards, wallets and messages are written."""
