"""What the operations of wallets and ledger entries take and answer."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from chassis.web.named import Closed
from chassis.web.schemas import CommunityEmbed, MemberEmbed, RequestModel, ResponseModel
from chassis.web.values import Said
from chassis.wrong import Wrong
from services.gamification.ledger.lot_rules import PolicyKind
from services.gamification.ledger.rules import Currency, Kind

CURRENCY = Closed("Currency", Currency)
EXPIRY_KIND = Closed("PointsExpiryKind", PolicyKind)
ENTRY_KIND = Closed("EntryKind", Kind)


class WalletLevel(ResponseModel):
    """The member's level. `next_at` is the xp that the next level requires; null at the highest one."""

    code: str
    name: str
    position: int
    next_at: int | None


class WalletStreak(ResponseModel):
    """Days in a row as of today, the longest streak so far, and the freezes that the member has."""

    current: int
    longest: int
    freezes: int


class ExpiringPoints(ResponseModel):
    """Points that expire at a moment unless they are spent."""

    amount: int
    at: datetime


class ExpiryPut(RequestModel):
    """When points run out: `never`; so many `months` after the day on which they were earned; or at the end of that year."""

    kind: Annotated[PolicyKind, EXPIRY_KIND]
    months: Annotated[int, Field(ge=1, le=120)] | None = None

    @model_validator(mode="after")
    def _months_where_counted(self) -> Self:
        if (self.kind == "months") != (self.months is not None):
            raise Wrong(
                "months",
                "Give months with the kind months, and only then.",
                "kind 为 months 时须给出 months，其他情况不得给出。",
                at="/months",
            )
        return self


class ExpiryPublic(ResponseModel):
    """When points of a community run out; no points do before `not_before`."""

    community_id: UUID
    kind: Annotated[str, EXPIRY_KIND]
    months: int | None
    not_before: datetime | None


class WalletPublic(ResponseModel):
    """A member's wallet. `points` can be spent now and do not include the `held` ones."""

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
    """What an entry was posted for: the message or deed, and the thing it was about, with its address if it has one.

    `title` is what the thing is called: of what was redeemed, of a season, of a check-in plan.
    """

    id: UUID
    type: str
    object_kind: str | None
    object_id: str | None
    title: str | None
    href: str | None


class EntryRule(ResponseModel):
    """The earning rule that paid, and its version at that moment."""

    code: str
    version: int


class EntryReversal(ResponseModel):
    """The entry that this one reverses, and why: removed, recounted or by_hand."""

    entry_id: UUID
    why: str
    reason: str | None


class LedgerEntryPublic(ResponseModel):
    """One entry of a member's wallet. `amount` is what the wallet gained; a loss is below zero.

    Entries with the same `posting_id` were posted together: the points and the xp of one award.
    """

    id: UUID
    posting_id: UUID
    member_id: UUID
    member: MemberEmbed
    community_id: UUID
    community: CommunityEmbed | None
    currency: Annotated[str, CURRENCY]
    amount: int
    kind: Annotated[str, ENTRY_KIND]
    title: str
    source: EntrySource
    rule: EntryRule | None
    reverses: EntryReversal | None
    reversed_by: UUID | None
    occurred_at: datetime
    recorded_at: datetime


class ReversalCreate(RequestModel):
    """Why the award is taken back. The member sees the reason on the entry."""

    reason: Annotated[str, StringConstraints(min_length=1, max_length=500), Said]


class ReversalPublic(ResponseModel):
    """The entries that reverse the award, and the wallet afterwards."""

    items: list[LedgerEntryPublic]
    points: int
    xp: int
