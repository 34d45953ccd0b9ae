"""The tables of rewards."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, PrimaryKeyConstraint, text
from sqlmodel import Field

from chassis.database.base import Publishing
from chassis.database.constraints import unique
from chassis.ids import new_id
from services.gamification.base import Base
from services.gamification.rewards.rules import Offer


class Reward(Base, table=True):
    """What members can have for `cost` points. Its row is the lock for its stock, its codes and all that is bought of it.

    `community_id` runs it; where it is offered stands in `reward_communities`. `stock_left` is what can still be bought; null: as
    much as is wanted. `market_value` is in fen.
    `hook_url` is asked to hand it over, where a webhook does; `hook_failures`: how often in a row it did not answer, so that it is left
    alone until `hook_rests_until`.
    """

    __tablename__ = "rewards"
    __table_args__ = (
        CheckConstraint("kind IN ('voucher', 'physical', 'certificate', 'course', 'privilege')", name="kind"),
        CheckConstraint("fulfilment IN ('automatic', 'manual', 'webhook')", name="fulfilment"),
        CheckConstraint("delivery IN ('none', 'pickup', 'shipping')", name="delivery"),
        CheckConstraint("cost > 0", name="cost"),
        CheckConstraint("stock_left >= 0", name="stock_left"),
        CheckConstraint("available_from < available_until", name="window"),
        Index(None, "community_id", "cost", "id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID
    kind: str = Field(max_length=16)
    title: str = Field(max_length=200)
    description: str = Field(default="", max_length=4000)
    picture_id: UUID | None = None
    cost: int
    market_value: int | None = None
    stock_left: int | None = None
    per_member_limit: int | None = None
    min_level: int | None = None
    available_from: datetime | None = None
    available_until: datetime | None = None
    fulfilment: str = Field(max_length=16)
    delivery: str = Field(max_length=16)
    offered: bool = True
    hook_url: str | None = Field(default=None, max_length=1000)
    hook_failures: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    hook_rests_until: datetime | None = None
    version: int = 1
    created_at: datetime


def offer_of(reward: Reward) -> Offer:
    """What of a reward, or of a row of it, decides who can have it."""
    return Offer(
        reward.cost,
        reward.offered,
        reward.available_from,
        reward.available_until,
        reward.stock_left,
        reward.per_member_limit,
        reward.min_level,
    )


class RewardCommunity(Base, table=True):
    """A community in which a reward is offered: its members pay from their wallets there."""

    __tablename__ = "reward_communities"
    __table_args__ = (
        PrimaryKeyConstraint("reward_id", "community_id"),
        Index(None, "community_id", "reward_id"),
    )

    reward_id: UUID = Field(foreign_key="rewards.id")
    community_id: UUID


class VoucherCode(Base, table=True):
    """A code that a reward hands out. Once it has a `redemption_id` it belongs to that one for ever.

    A code is kept once per community that runs rewards, so that two of its rewards cannot hand out the same.
    """

    __tablename__ = "voucher_codes"
    __table_args__ = (
        # Written where it is not there yet, under the lock of the reward.
        unique("community_id", "code", answers=None),
        unique("redemption_id", name="uq_voucher_codes_redemption_id", where="redemption_id IS NOT NULL", answers=None),
        Index(None, "reward_id", "redemption_id", "id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID
    reward_id: UUID = Field(foreign_key="rewards.id")
    code: str = Field(max_length=200)
    redemption_id: UUID | None = None
    created_at: datetime


class Redemption(Base, Publishing, table=True):
    """What a member has, or asks for, of a reward. Everything about it is decided under the lock of the reward.

    `title`, `cost`, `market_value` and the way to get it are those at which it was asked for. `hold_id` are the points that it takes.
    `took_stock`: one was taken, and is given back with the points. `recipient_*` are for who ships it, and go when it goes back, or a while after it was sent.
    `hook_next_at`: when its webhook is asked, or asked again.
    """

    __tablename__ = "redemptions"
    __table_args__ = (
        CheckConstraint(
            "status IN ('requested', 'approved', 'fulfilled', 'rejected', 'cancelled', 'expired')", name="status"
        ),
        CheckConstraint("cost > 0", name="cost"),
        CheckConstraint("(status IN ('requested', 'approved')) = (ended_at IS NULL)", name="ended"),
        Index(None, "community_id", "status", "created_at", "id"),
        Index(None, "community_id", "created_at", "id"),
        Index(None, "community_id", "status", "ended_at"),
        Index(
            "ix_redemptions_recipients",
            "ended_at",
            postgresql_where=text("recipient_name IS NOT NULL"),
            sqlite_where=text("recipient_name IS NOT NULL"),
        ),
        Index(None, "member_id", "created_at", "id"),
        Index(None, "reward_id", "member_id"),
        Index(
            "ix_redemptions_hook_next_at",
            "reward_id",
            "hook_next_at",
            postgresql_where=text("hook_next_at IS NOT NULL"),
            sqlite_where=text("hook_next_at IS NOT NULL"),
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID
    member_id: UUID
    reward_id: UUID = Field(foreign_key="rewards.id")
    reward_kind: str = Field(max_length=16)
    title: str = Field(max_length=200)
    cost: int
    market_value: int | None = None
    fulfilment: str = Field(max_length=16)
    delivery: str = Field(max_length=16)
    status: str = Field(default="requested", max_length=16)
    hold_id: UUID | None = None
    took_stock: bool
    recipient_name: str | None = Field(default=None, max_length=100)
    recipient_phone: str | None = Field(default=None, max_length=40)
    recipient_address: str | None = Field(default=None, max_length=500)
    tracking: str | None = Field(default=None, max_length=100)
    reason: str | None = Field(default=None, max_length=500)
    decide_by: datetime
    decided_by_id: UUID | None = None
    approved_at: datetime | None = None
    collect_by: datetime | None = None
    hook_next_at: datetime | None = None
    ended_at: datetime | None = None
    version: int = 1
    created_at: datetime
