"""What the operations of wallets and ledger entries take and answer."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import StringConstraints

from chassis.web.schemas import MemberEmbed, RequestModel, ResponseModel
from chassis.web.values import Said


class WalletLevel(ResponseModel):
    """The rung a member stands on; `next_at` is the xp that the next one asks, null at the top."""

    code: str
    name: str
    position: int
    next_at: int | None


class WalletStreak(ResponseModel):
    """Days in a row as of today, the longest ever, and freezes held."""

    current: int
    longest: int
    freezes: int


class ExpiringPoints(ResponseModel):
    """Points that end at a moment unless spent."""

    amount: int
    at: datetime


class WalletPublic(ResponseModel):
    """A member's wallet. `points` are spendable now; `held` ones are beside them, not in them."""

    member_id: UUID
    member: MemberEmbed
    community_id: UUID
    points: int
    held: int
    available: int
    xp: int
    level: WalletLevel
    streak: WalletStreak
    expiring: list[ExpiringPoints]
    as_of: datetime


class EntrySource(ResponseModel):
    """What an entry was posted for: the message or deed, and the thing it was about with its address, where it has one."""

    id: UUID
    type: str
    object_kind: str | None
    object_id: str | None
    href: str | None


class EntryRule(ResponseModel):
    """The earning rule that paid, and its version when it happened."""

    code: str
    version: int


class EntryReversal(ResponseModel):
    """The entry that this one undoes, and why: removed, recounted or by_hand."""

    entry_id: UUID
    why: str
    reason: str | None


class LedgerEntryPublic(ResponseModel):
    """One entry of a member's wallet; `amount` is what the wallet gained, below zero what it lost.

    Entries of one `posting_id` were posted together: the points and the xp of one award.
    """

    id: UUID
    posting_id: UUID
    member_id: UUID
    community_id: UUID
    currency: str
    amount: int
    kind: str
    title: str
    source: EntrySource
    rule: EntryRule | None
    reverses: EntryReversal | None
    reversed_by: UUID | None
    occurred_at: datetime
    recorded_at: datetime


class ReversalCreate(RequestModel):
    """Why an award is taken back; members see it on the entry."""

    reason: Annotated[str, StringConstraints(min_length=1, max_length=500), Said]


class ReversalPublic(ResponseModel):
    """The entries that undo the award, and the wallet after it."""

    items: list[LedgerEntryPublic]
    points: int
    xp: int
