"""What happens in the ledger and concerns more than wallets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.messaging.outbox import Outgoing
from chassis.occasions import Occasion
from services.gamification.ledger.wallets import WalletState


@dataclass(frozen=True, slots=True)
class XpChange:
    """Xp that one transfer gave (positive) or took back (negative), dated at what it was for."""

    member_id: UUID
    community_id: UUID
    amount: int
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class XpMoved:
    """The xp of one batch of postings, and the locked wallets of its members by member id."""

    changes: Sequence[XpChange]
    wallets: Mapping[UUID, WalletState]
    now: datetime
    history: frozenset[UUID] = frozenset()
    """The members all of whose xp here is of the past, brought in by an import."""


xp_changing: Occasion[XpMoved, Sequence[Outgoing]] = Occasion("xp changing")
"""Wallets have their new xp and are not written yet: an effect may change them, and answers messages to be sent after the points'."""

xp_changed: Occasion[XpMoved, None] = Occasion("xp changed")
"""Wallets and messages are written."""
