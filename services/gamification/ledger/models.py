"""The tables of the ledger."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text, text
from sqlmodel import Field

from chassis.database.constraints import unique
from services.gamification.base import Base


class Wallet(Base, table=True):
    """One member's balances and level. It is a stub, without `joined_at`, if a message about them arrives before they are known.

    `points` is the sum of the member's entries, `held` how many of them are set aside (`ledger.holds`): what can be spent is the difference,
    below zero where an award was taken back after its points were spent or set aside.
    Where points of the community run out, `lots_kept`: `debt` is then what is owed though lots hold points for something.
    The row is also the lock under which anything of the member is counted, and `messages_published` the version of the
    messages that have the member as subject.
    """

    __tablename__ = "wallets"
    # Jobs go through the members of a community some at a time.
    __table_args__ = (Index(None, "community_id", "member_id"),)

    member_id: UUID = Field(primary_key=True)
    community_id: UUID
    points: int = 0
    debt: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    lots_kept: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    held: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    xp: int = 0
    messages_published: int = 0
    joined_at: datetime | None = None
    status_changed: bool = Field(
        default=False,
        # The column has the name that the release before gave it, which goes on running while this one migrates.
        sa_column_kwargs={"name": "standing_changed", "key": "status_changed"},
    )
    level_position: int = 0
    level_since: datetime | None = None
    level_below_since: datetime | None = None
    ladder_version: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    """Of its community's ladder, on which the position was decided."""
    created_at: datetime


class PostedTransfer(Base, table=True):
    """An immutable movement between a wallet and an account of its community; see `rules.Transfer`.

    `source_*` is the message or deed that caused it, `target_*` the thing it was about; `why` says why a reversal was made:
    removed, recounted (the fold of its window came out otherwise), or by_hand with `reason`.
    """

    __tablename__ = "ledger_transfers"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("currency IN ('points', 'xp')", name="currency"),
        CheckConstraint("(debit = 'wallet') <> (credit = 'wallet')", name="one_wallet"),
        CheckConstraint("(kind = 'reversal') = (reverses IS NOT NULL)", name="reverses"),
        Index(None, "member_id", "occurred_at", "id"),
        Index(None, "community_id", "occurred_at", "id"),
        # Both are decided under the lock of the wallet.
        unique("reverses", where="reverses IS NOT NULL", name="uq_ledger_transfers_reverses", answers=None),
        unique("idempotency_key", answers=None),
    )

    id: UUID = Field(primary_key=True)
    posting_id: UUID
    community_id: UUID
    member_id: UUID = Field(foreign_key="wallets.member_id")
    currency: str = Field(max_length=8)
    debit: str = Field(max_length=16)
    credit: str = Field(max_length=16)
    amount: int
    kind: str = Field(max_length=16)
    reason: str | None = Field(default=None, sa_type=Text)
    rule_code: str | None = Field(default=None, max_length=64)
    rule_version: int | None = None
    thing: str | None = Field(default=None, max_length=160)
    source_id: UUID
    source_type: str = Field(max_length=64)
    target_kind: str | None = Field(default=None, max_length=32)
    target_id: str | None = Field(default=None, max_length=120)
    occurred_at: datetime
    recorded_at: datetime
    reverses: UUID | None = None
    why: str | None = Field(default=None, max_length=16)
    actor: str = Field(max_length=64)
    told_no: int | None = None
    """The version of the message that told of it, whose id is that of the posting; None where that was not kept yet."""
    idempotency_key: UUID


class Hold(Base, table=True):
    """Points of a member set aside for something they ask for, until it is decided.

    `pending` becomes `posted` (spent, by the transfer `transfer_id`), `voided` or `expired` (given back), once and for ever. `object_*` is what they
    are for. `until` is when whoever made it means to have it decided; nothing expires by itself.
    """

    __tablename__ = "ledger_holds"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("state IN ('pending', 'posted', 'voided', 'expired')", name="state"),
        CheckConstraint("(state = 'pending') = (decided_at IS NULL)", name="decided"),
        CheckConstraint("(state = 'posted') = (transfer_id IS NOT NULL)", name="posted"),
        Index(
            "ix_ledger_holds_pending",
            "member_id",
            postgresql_where=text("state = 'pending'"),
            sqlite_where=text("state = 'pending'"),
        ),
        Index(None, "member_id", "created_at"),
        # Decided under the lock of the wallet.
        unique("idempotency_key", answers=None),
    )

    id: UUID = Field(primary_key=True)
    community_id: UUID
    member_id: UUID = Field(foreign_key="wallets.member_id")
    amount: int
    state: str = Field(default="pending", max_length=8)
    object_kind: str = Field(max_length=32)
    object_id: UUID
    until: datetime | None = None
    created_at: datetime
    decided_at: datetime | None = None
    transfer_id: UUID | None = None
    idempotency_key: UUID


class ExpiryPolicy(Base, table=True):
    """When a community's points run out; without a row never. `since` is when it was said, `done_on` the last day that was begun.

    `reminded_on` is the last day on whose morning members were told what runs out next.
    """

    __tablename__ = "ledger_expiry_policies"
    __table_args__ = (
        CheckConstraint("kind IN ('never', 'months', 'year_end')", name="kind"),
        CheckConstraint("(kind = 'months') = (months IS NOT NULL)", name="months"),
    )

    community_id: UUID = Field(primary_key=True)
    kind: str = Field(max_length=8)
    months: int | None = None
    since: datetime
    set_by: str = Field(max_length=64)
    done_on: date | None = None
    reminded_on: date | None = None


class LotRow(Base, table=True):
    """Points of a member by what they were earned for; see `lot_rules.Lot`. Written under the lock of the wallet."""

    __tablename__ = "ledger_lots"
    __table_args__ = (
        CheckConstraint("remaining >= 0 AND held >= 0 AND expired >= 0", name="not_below_zero"),
        Index(
            "ix_ledger_lots_free",
            "community_id",
            "member_id",
            "earned_at",
            postgresql_where=text("remaining > 0"),
            sqlite_where=text("remaining > 0"),
        ),
        unique("member_id", "source_id", "rule_code", answers=None),
    )

    id: UUID = Field(primary_key=True)
    member_id: UUID = Field(foreign_key="wallets.member_id")
    community_id: UUID
    rule_code: str = Field(max_length=64)
    source_id: UUID
    earned_at: datetime
    not_before: datetime | None = None
    remaining: int = 0
    held: int = 0
    expired: int = 0


class LotUse(Base, table=True):
    """What a hold, a spending, an expiry or a loss took from a lot; see `lot_rules.Use`. Written under the lock of the wallet."""

    __tablename__ = "ledger_lot_uses"
    __table_args__ = (
        CheckConstraint("kind IN ('hold', 'spend', 'expiry', 'loss')", name="kind"),
        CheckConstraint("amount > 0", name="amount"),
        Index(
            "ix_ledger_lot_uses_expired",
            "lot_id",
            postgresql_where=text("kind = 'expiry'"),
            sqlite_where=text("kind = 'expiry'"),
        ),
    )

    use_id: UUID = Field(primary_key=True)
    lot_id: UUID = Field(primary_key=True)
    kind: str = Field(max_length=8)
    amount: int
