"""Points set aside for something a member asks for: held until it is theirs, or given back.

Whoever makes or decides a hold has the wallet locked (`lock_wallets`). Each function may be called again with the same words: the second time
answers what the first did.
"""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.ids import new_id
from chassis.problems import ProblemType
from services.gamification.ledger.lots import available, give_back, set_aside
from services.gamification.ledger.models import Hold
from services.gamification.ledger.service import Posting, idempotency_key, post
from services.gamification.ledger.wallets import WalletState, save

POINTS_SHORT = ProblemType("points_short", 409, en="Not enough points", zh="积分不足")


class HoldDecidedError(RuntimeError):
    """A hold was to be decided otherwise than it is: whoever made it has lost count of what it is for."""


async def hold(
    session: AsyncSession,
    wallet: WalletState,
    *,
    amount: int,
    key: str,
    object_kind: str,
    object_id: UUID,
    until: datetime | None,
    now: datetime,
) -> Hold:
    """Set points of a locked wallet aside; one `key` makes one hold for ever. Raises `POINTS_SHORT`."""
    unique = idempotency_key(f"hold:{key}")
    made = await session.exec(select(Hold).where(col(Hold.idempotency_key) == unique))
    found = made.first()
    if found is not None:
        return found
    can_spend = await available(session, wallet, now)
    if can_spend < amount:
        raise POINTS_SHORT(available=can_spend, required=amount)
    row = Hold(
        id=new_id(),
        community_id=wallet.community_id,
        member_id=wallet.member_id,
        amount=amount,
        object_kind=object_kind,
        object_id=object_id,
        until=until,
        created_at=now,
        idempotency_key=unique,
    )
    session.add(row)
    await session.flush()
    wallet.held += amount
    await set_aside(session, wallet, row.id, amount, now)
    await save(session, [wallet])
    return row


async def hold_of(session: AsyncSession, hold_id: UUID) -> Hold:
    """A hold as it is now; call with its wallet locked before deciding it."""
    row = await session.get(Hold, hold_id, populate_existing=True)
    if row is None:
        raise LookupError("hold")
    return row


async def settle_hold(session: AsyncSession, wallet: WalletState, held: Hold, now: datetime, **posting: Any) -> UUID:
    """The held points are spent, at `now`; answers the transfer. `posting` says more of it, as `Posting` takes it.

    Settled before, it stays so; one that was given back raises `HoldDecidedError`.
    """
    if held.state == "posted" and held.transfer_id is not None:
        return held.transfer_id
    _must_be_pending(held)
    wallet.held -= held.amount
    said: dict[str, Any] = {"source_id": held.object_id, "source_type": held.object_kind} | posting
    spent = Posting(
        member_id=held.member_id,
        community_id=held.community_id,
        occurred_at=now,
        kind="redemption",
        key=f"hold:{held.id}",
        points=-held.amount,
        target_kind=held.object_kind,
        target_id=str(held.object_id),
        hold_id=held.id,
        **said,
    )
    await post(session, [spent], {held.member_id: wallet}, now)
    held.state, held.decided_at, held.transfer_id = "posted", now, spent.transfer_ids[0]
    await session.flush()
    return spent.transfer_ids[0]


async def release_hold(
    session: AsyncSession,
    wallet: WalletState,
    held: Hold,
    now: datetime,
    *,
    state: Literal["voided", "expired"] = "voided",
) -> None:
    """The held points are the member's to spend again. Given back before, it stays so; one that is spent raises `HoldDecidedError`."""
    if held.state in {"voided", "expired"}:
        return
    _must_be_pending(held)
    wallet.held -= held.amount
    held.state, held.decided_at = state, now
    await give_back(session, wallet, held.id, held.amount, now)
    await session.flush()
    await save(session, [wallet])


def _must_be_pending(held: Hold) -> None:
    if held.state != "pending":
        raise HoldDecidedError(held.state)
