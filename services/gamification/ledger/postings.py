"""What is to be posted, and what can be undone."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.messaging.envelope import Received
from services.gamification.ledger.rules import CURRENCIES, Account, Currency


@dataclass(frozen=True, slots=True)
class Moved:
    """A transfer of a posting to be undone."""

    id: UUID
    currency: Currency
    debit: Account
    credit: Account
    amount: int

    @property
    def signed(self) -> int:
        """What the wallet gained by it."""
        return self.amount if self.credit == "wallet" else -self.amount


def moved_of(transfer: Any) -> Moved:
    """A transfer's row as what a posting can undo."""
    return Moved(transfer.id, transfer.currency, transfer.debit, transfer.credit, transfer.amount)


@dataclass(slots=True)
class Posting:
    """What is to be posted for one reason: an award of points and xp, or the undoing of `reverses`.

    Amounts are what the wallet gains, below zero what it loses. `key` makes it happen once; for one `key` and currency the
    database takes a single transfer for ever. `cause` hands its trace on to the message that tells of it.
    """

    member_id: UUID
    community_id: UUID
    occurred_at: datetime
    kind: str
    key: str
    source_id: UUID
    source_type: str
    points: int = 0
    xp: int = 0
    reverses: Sequence[Moved] = ()
    rule_code: str | None = None
    rule_version: int | None = None
    thing: str | None = None
    target_kind: str | None = None
    target_id: str | None = None
    reason: str | None = None
    why: str | None = None
    backfill: bool | None = None
    cause: Received[Any] | None = None
    transfer_ids: list[UUID] = field(default_factory=list)
    hold_id: UUID | None = None
    """The hold whose points are spent."""
    points_id: UUID | None = None
    """The id that the transfer of points is to have."""
    lots: Sequence[tuple[UUID, int]] = ()
    """What runs out of which lots, with a transfer for each; `points` is the sum, below zero."""

    def gains(self) -> tuple[int, int]:
        """Points and xp that the wallet gains."""
        if not self.reverses:
            return self.points, self.xp
        total = dict.fromkeys(CURRENCIES, 0)
        for moved in self.reverses:
            total[moved.currency] -= moved.signed
        return total["points"], total["xp"]
