"""Levels follow xp: up in the transaction of the entry that crosses a rung, down by the clock after a grace."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import case, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import insert_many
from chassis.ids import new_id
from chassis.messaging.outbox import Outgoing, emit_many
from chassis.timers import Late, Timer, Timers, cancel, schedule
from contracts.gamification import LevelDemoted, LevelPromoted, Rung
from services.gamification.ledger.models import PostedTransfer, Wallet
from services.gamification.ledger.occasions import XpMoved
from services.gamification.ledger.service import lock_wallets
from services.gamification.ledger.wallets import WalletState, save
from services.gamification.levels.models import LevelChangeRow
from services.gamification.levels.rules import (
    DEFAULT_LADDER,
    GRACE,
    Crossing,
    Held,
    consider,
    crossings,
    level_at,
)

GRACE_OVER = "level.grace_over"

timers = Timers()

_transfers: Any = PostedTransfer.__table__  # type: ignore[attr-defined]
_changes: Any = LevelChangeRow.__table__  # type: ignore[attr-defined]


async def xp_and_level(session: AsyncSession, member_id: UUID) -> tuple[int, Held]:
    """A member's xp and the level recorded; nothing yet without a wallet."""
    wallet = await session.get(Wallet, member_id)
    if wallet is None:
        return 0, Held()
    return wallet.xp, Held(wallet.level_position, wallet.level_since, wallet.level_below_since)


def held_by(wallet: WalletState) -> Held:
    """The level recorded on a wallet."""
    return Held(wallet.level_position, wallet.level_since, wallet.level_below_since)


async def move_on_ladder(session: AsyncSession, moved: XpMoved) -> Sequence[Outgoing]:
    """Move members on the ladder after their xp changed; the messages that tell of it are the caller's to write."""
    wallets, now = moved.wallets, moved.now
    gained: dict[UUID, int] = {}
    earliest: dict[UUID, datetime] = {}
    for change in moved.changes:
        gained[change.member_id] = gained.get(change.member_id, 0) + change.amount
        earliest[change.member_id] = min(change.occurred_at, earliest.get(change.member_id, change.occurred_at))
    rows: list[dict[str, Any]] = []
    outgoing: list[Outgoing] = []
    recrossing: dict[UUID, int | None] = {}
    for member_id, amount in gained.items():
        wallet = wallets[member_id]
        lapse(wallet, wallet.xp - amount, now, rows, outgoing)
        change_ = consider(DEFAULT_LADDER, held_by(wallet), wallet.xp)
        if change_.climbs_to is not None:
            recrossing[member_id] = change_.climbs_to
        elif wallet.level_since is not None and earliest[member_id] < wallet.level_since:
            recrossing[member_id] = None
        if change_.starts_grace:
            wallet.level_below_since = now
            await schedule(session, GRACE_OVER, member_id, now + GRACE)
        elif change_.ends_grace:
            wallet.level_below_since = None
            await cancel(session, GRACE_OVER, member_id)
    found = await _crossings(session, recrossing)
    for member_id, climbs_to in recrossing.items():
        wallet = wallets[member_id]
        crossed = {crossing.rung.position: crossing.at for crossing in found[member_id]}
        if climbs_to is None:
            # A late entry: the rung was crossed earlier than was known.
            wallet.level_since = crossed.get(wallet.level_position, wallet.level_since)
            continue
        for position in range(wallet.level_position + 1, climbs_to + 1):
            rows.append(row_of(wallet, position, crossed[position], now))
            outgoing.append(told_of(LevelPromoted, wallet, position, crossed[position]))
            wallet.level_position, wallet.level_since = position, crossed[position]
    await insert_many(session, _changes, rows)
    return outgoing


@timers.on(GRACE_OVER, late=Late.ENDING)
async def lose_level(session: AsyncSession, timer: Timer) -> None:
    """Take a level back whose grace is over, as of when it was."""
    row = (
        await session.execute(
            select(_transfers.c.community_id).where(_transfers.c.member_id == timer.subject_id).limit(1)
        )
    ).first()
    if row is None:
        return
    wallets = await lock_wallets(session, {timer.subject_id: row.community_id})
    wallet = wallets[timer.subject_id]
    rows: list[dict[str, Any]] = []
    outgoing: list[Outgoing] = []
    lapse(wallet, wallet.xp, timer.now, rows, outgoing)
    await insert_many(session, _changes, rows)
    await save(session, [wallet])
    await emit_many(session, outgoing)


def lapse(wallet: WalletState, xp: int, now: datetime, rows: list[dict[str, Any]], outgoing: list[Outgoing]) -> None:
    """Record a level lost by the clock, if one is: with the moment at which its grace was over."""
    position = level_at(DEFAULT_LADDER, held_by(wallet), xp, now)
    if wallet.level_below_since is None or position >= wallet.level_position:
        return
    over = wallet.level_below_since + GRACE
    rows.append(row_of(wallet, position, over, now))
    outgoing.append(told_of(LevelDemoted, wallet, position, over))
    wallet.level_position, wallet.level_since, wallet.level_below_since = position, over if position else None, None


async def _crossings(session: AsyncSession, members: Iterable[UUID]) -> dict[UUID, list[Crossing]]:
    """When each member crossed each rung, by all their xp."""
    ids = list(members)
    if not ids:
        return {}
    signed = case((_transfers.c.credit == "wallet", _transfers.c.amount), else_=-_transfers.c.amount)
    rows = await session.execute(
        select(_transfers.c.member_id, _transfers.c.occurred_at, func.sum(signed))
        .where(_transfers.c.member_id.in_(ids), _transfers.c.currency == "xp")
        .group_by(_transfers.c.member_id, _transfers.c.occurred_at)
    )
    entries: dict[UUID, list[tuple[datetime, int]]] = {member_id: [] for member_id in ids}
    for member_id, at, amount in rows:
        entries[member_id].append((at, int(amount)))
    return {member_id: list(crossings(DEFAULT_LADDER, entries[member_id])) for member_id in ids}


def row_of(wallet: WalletState, to: int, at: datetime, now: datetime) -> dict[str, Any]:
    """The row of a step from where the wallet is, crossed at one moment and noticed now."""
    return {
        "id": new_id(),
        "member_id": wallet.member_id,
        "community_id": wallet.community_id,
        "from_position": wallet.level_position,
        "to_position": to,
        "xp": wallet.xp,
        "at": at,
        "recorded_at": now,
    }


def told_of(kind: type[LevelPromoted] | type[LevelDemoted], wallet: WalletState, to: int, at: datetime) -> Outgoing:
    """The message of the same step; it counts one of the wallet's."""
    event = kind(
        community_id=wallet.community_id,
        member_id=wallet.member_id,
        from_=_rung(wallet.level_position),
        to=_rung(to),
        xp=wallet.xp,
    )
    return Outgoing(event, wallet.bump(), at, kept=True)


def _rung(position: int) -> Rung:
    return Rung(code=DEFAULT_LADDER[position].code, position=position)
