"""What happens to a redemption, to its points, its stock and its code, in whichever way it is decided: once each."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.rows import existing
from chassis.messaging.outbox import emit
from chassis.problems import NOT_FOUND
from chassis.timers import cancel, schedule
from contracts.gamification import (
    RedemptionApproved,
    RedemptionChange,
    RedemptionFulfilled,
    RedemptionRefunded,
    RedemptionRequested,
)
from services.gamification.ledger.holds import hold_of, release_hold, settle_hold
from services.gamification.ledger.service import lock_wallets
from services.gamification.rewards.models import Redemption, Reward
from services.gamification.rewards.redemption_queries import give_code
from services.gamification.rewards.redemption_rules import COLLECT_WITHIN, OPEN, REMIND_AFTER
from services.gamification.rewards.rules import keeps_codes

EXPIRES = "redemption.expires"
REMINDS = dict(zip(("redemption.reminds", "redemption.reminds_again"), REMIND_AFTER, strict=True))
"""The timers that remind of what is not collected, each with how long after the approval."""
ASKS_HOOK = "reward.asks_hook"

_TELLS: dict[str, type[RedemptionChange]] = {
    "requested": RedemptionRequested,
    "approved": RedemptionApproved,
    "fulfilled": RedemptionFulfilled,
}


async def locked(session: AsyncSession, key: UUID) -> tuple[Reward, Redemption]:
    """A redemption under the lock of its reward. Raises `NOT_FOUND`."""
    noted = await existing(session, Redemption, key)
    reward = await existing(session, Reward, noted.reward_id, lock=True)
    row = await session.get(Redemption, key, with_for_update=True, populate_existing=True)
    if row is None:
        raise NOT_FOUND()
    return reward, row


async def tell(session: AsyncSession, row: Redemption, at: datetime, cause: str | None = None) -> None:
    """Tell what has become of it."""
    kind = _TELLS.get(row.status, RedemptionRefunded)
    said = {
        "community_id": row.community_id,
        "redemption_id": row.id,
        "member_id": row.member_id,
        "reward_id": row.reward_id,
        "reward_kind": row.reward_kind,
        "cost": row.cost,
        "to": row.status,
        "cause": cause,
    }
    await emit(session, kind.model_validate(said), version=row.bump(), occurred_at=at)


async def approve(session: AsyncSession, row: Redemption, at: datetime, **decided: Any) -> None:
    """It is theirs to have. What is collected waits for them for thirty days."""
    collect_by = at + COLLECT_WITHIN if row.delivery == "pickup" else None
    _set(row, status="approved", approved_at=at, collect_by=collect_by, **decided)
    if row.fulfilment == "webhook":
        row.hook_next_at = at
        await schedule(session, ASKS_HOOK, row.reward_id, at)
    if collect_by is not None:
        await schedule(session, EXPIRES, row.id, collect_by)
        for kind, after in REMINDS.items():
            await schedule(session, kind, row.id, at + after)
    await tell(session, row, at)


async def fulfil(session: AsyncSession, row: Redemption, at: datetime, **decided: Any) -> None:
    """They have it: the points are spent, and a voucher has its code."""
    if keeps_codes(row.reward_kind, row.fulfilment):
        await give_code(session, row.reward_id, row.id)
    wallet = (await lock_wallets(session, {row.member_id: row.community_id}))[row.member_id]
    if row.hold_id is not None:
        held = await hold_of(session, row.hold_id)
        await settle_hold(session, wallet, held, at, reason=None)
    _set(row, status="fulfilled", ended_at=at, hook_next_at=None, **decided)
    await cancel(session, EXPIRES, row.id)
    await tell(session, row, at)


async def give_back(
    session: AsyncSession, reward: Reward, row: Redemption, status: str, at: datetime, *, cause: str, **decided: Any
) -> None:
    """They do not have it: points and stock go back, once."""
    if row.status not in OPEN:
        return
    wallet = (await lock_wallets(session, {row.member_id: row.community_id}))[row.member_id]
    if row.hold_id is not None:
        held = await hold_of(session, row.hold_id)
        await release_hold(session, wallet, held, at, state="expired" if status == "expired" else "voided")
    if row.took_stock:
        reward.stock_left = (reward.stock_left or 0) + 1
    _set(row, status=status, ended_at=at, hook_next_at=None, **decided)
    forget_recipient(row)
    await cancel(session, EXPIRES, row.id)
    await tell(session, row, at, cause)


def forget_recipient(row: Redemption) -> None:
    """Nobody has to know any more to whom it goes."""
    row.sqlmodel_update({"recipient_name": None, "recipient_phone": None, "recipient_address": None})


def _set(row: Redemption, **values: Any) -> None:
    row.sqlmodel_update(values)
    row.version += 1
