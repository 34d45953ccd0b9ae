"""Levels follow xp and conditions: up in the transaction of what reaches a rung, down by the clock after a grace."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy import case, func, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import insert_many
from chassis.messaging.outbox import Outgoing, emit_many
from chassis.timers import Late, Timer, Timers, cancel_many, schedule_many
from services.gamification.badges.awarding import judge
from services.gamification.badges.occasions import BadgesMoved
from services.gamification.deeds.service import keep
from services.gamification.earning.occasions import DeedsRecorded
from services.gamification.ledger.models import PostedTransfer, Wallet
from services.gamification.ledger.occasions import XpMoved
from services.gamification.ledger.service import lock_wallets
from services.gamification.ledger.wallets import WalletState, save
from services.gamification.levels.facts import Asked, facts_of
from services.gamification.levels.ladders import ladders_of
from services.gamification.levels.models import LevelChangeRow
from services.gamification.levels.occasions import LevelReached, LevelsReached, levels_reached
from services.gamification.levels.rules import GRACE, Crossing, Facts, Rung, climb, consider, crossings, lacks
from services.gamification.levels.walking import Walk

GRACE_OVER = "level.grace_over"
RUNG_OPENS = "level.rung_opens"
"""What a member lacks for the next level is mended by time alone."""

timers = Timers()

_transfers: Any = PostedTransfer.__table__  # type: ignore[attr-defined]
_changes: Any = LevelChangeRow.__table__  # type: ignore[attr-defined]
_NOBODY: Mapping[UUID, Any] = MappingProxyType({})
_NOTHING = Facts()


async def move_on_ladder(session: AsyncSession, moved: XpMoved) -> Sequence[Outgoing]:
    """Move members on the ladder after their xp changed; the messages that tell of it are the caller's to write."""
    gained: dict[UUID, int] = {}
    earliest: dict[UUID, datetime] = {}
    for change in moved.changes:
        gained[change.member_id] = gained.get(change.member_id, 0) + change.amount
        earliest[change.member_id] = min(change.occurred_at, earliest.get(change.member_id, change.occurred_at))
    wallets = [moved.wallets[member_id] for member_id in gained]
    return await settle(session, wallets, moved.now, gained=gained, earliest=earliest)


async def look_again(session: AsyncSession, members: Mapping[UUID, UUID], now: datetime) -> None:
    """Move members on the ladder, given member ids with their community ids, after something else changed than their xp."""
    await _look(session, await lock_wallets(session, members), now)


async def look_after_badges(session: AsyncSession, moved: BadgesMoved) -> None:
    """Move members on the ladder who were given a badge that a level asks for."""
    ladders = await ladders_of(session, {wallet.community_id for wallet in moved.wallets.values()})
    asking = {one for one, ladder in ladders.items() if any(rung.badges for rung in ladder.rungs)}
    wallets = {one: wallet for one, wallet in moved.wallets.items() if wallet.community_id in asking}
    await _look(session, wallets, moved.now)


async def look_after_deeds(session: AsyncSession, recorded: DeedsRecorded) -> None:
    """Move members on the ladder who did what a level counts."""
    ladders = await ladders_of(session, {one.community_id for one in recorded.occurrences})
    asking = {one for one, ladder in ladders.items() if any(rung.counts for rung in ladder.rungs)}
    doing = {one.member_id for one in recorded.occurrences if one.community_id in asking}
    present = {one.member_id for one in recorded.occurrences if not one.backfill}
    wallets = {one: recorded.wallets[one] for one in doing}
    await _look(session, wallets, recorded.now, history=doing - present)


async def _look(
    session: AsyncSession, wallets: Mapping[UUID, WalletState], now: datetime, *, history: Collection[UUID] = ()
) -> None:
    """Move members of locked wallets on the ladder; of those with nothing but a `history`, it is told as history."""
    if not wallets:
        return
    outgoing = await settle(session, list(wallets.values()), now)
    subjects = {str(member_id) for member_id in history}
    for message in outgoing:
        message.backfill = True if message.event.subject() in subjects else message.backfill
    await save(session, wallets.values())
    await emit_many(session, outgoing)
    risen = {UUID(message.event.subject()) for message in outgoing} - set(history)
    await judge(session, {one: wallets[one] for one in risen}, names=("level",), now=now)


async def settle(
    session: AsyncSession,
    wallets: Sequence[WalletState],
    now: datetime,
    *,
    gained: Mapping[UUID, int] = _NOBODY,
    earliest: Mapping[UUID, datetime] = _NOBODY,
    not_before: datetime | None = None,
) -> list[Outgoing]:
    """Have locked wallets hold the level that they are due, and answer the messages that tell of it.

    `gained` is the xp that has just come, with the `earliest` moment of it. What is reached is reached `not_before` a moment, if
    one is given: when the ladder changed.
    """
    walks = await begin(session, wallets, now)
    for walk in walks:
        walk.lapse(walk.wallet.xp - gained.get(walk.wallet.member_id, 0), now)
    facts = await _facts(session, walks, now)
    targets = {walk.wallet.member_id: _target(walk, facts, now) for walk in walks}
    late = {walk.wallet.member_id for walk in walks if _is_late(walk, targets, earliest)}
    rising = {walk.wallet.member_id for walk in walks if targets[walk.wallet.member_id] > walk.wallet.level_position}
    found = await _crossings(session, [walk for walk in walks if walk.wallet.member_id in rising | late])
    for walk in walks:
        crossed = {crossing.rung.position: crossing.at for crossing in found.get(walk.wallet.member_id, ())}
        if walk.wallet.member_id in rising:
            _rise(walk, targets[walk.wallet.member_id], crossed, now, not_before)
        elif walk.wallet.member_id in late:
            # A late entry: the rung was crossed earlier than was known.
            walk.wallet.level_since = crossed.get(walk.wallet.level_position, walk.wallet.level_since)
    await _set_timers(session, walks, facts, now)
    return await told(session, walks, now)


async def begin(session: AsyncSession, wallets: Sequence[WalletState], now: datetime) -> list[Walk]:
    """Put locked wallets on the ladders that their communities have now."""
    ladders = await ladders_of(session, {wallet.community_id for wallet in wallets})
    return [Walk.begin(wallet, ladders[wallet.community_id], now) for wallet in wallets]


async def told(session: AsyncSession, walks: Sequence[Walk], now: datetime) -> list[Outgoing]:
    """Keep the steps of the walks, and answer the messages that tell of them."""
    outgoing = [message for walk in walks for message in walk.told(now)]
    await keep(session, outgoing)
    await insert_many(session, _changes, [row for walk in walks for row in walk.rows])
    if reached := [one for walk in walks for one in _reached(walk)]:
        await levels_reached.happened(session, LevelsReached(reached, now))
    return outgoing


def _reached(walk: Walk) -> Iterator[LevelReached]:
    """The levels that a member came to and did not fall from again in the same batch."""
    for step in walk.steps:
        rung = step.after
        if not step.is_fall and rung.position <= walk.rung.position:
            wallet = walk.wallet
            yield LevelReached(wallet.member_id, wallet.community_id, rung.code, rung.zh, rung.en, step.at)


async def _facts(session: AsyncSession, walks: Sequence[Walk], now: datetime) -> Mapping[UUID, Facts]:
    """What the rungs ask that members have the xp for."""
    asked = []
    for walk in walks:
        rungs = _within_reach(walk)
        if any(rung.asks_more for rung in rungs):
            wallet = walk.wallet
            asked.append(
                Asked(wallet.member_id, wallet.community_id, wallet.joined_at, wallet.xp, wallet.level_position, rungs)
            )
    return await facts_of(session, asked, now) if asked else _NOBODY


def _within_reach(walk: Walk) -> tuple[Rung, ...]:
    """The rungs that a member may come to, if they fulfil what these ask beside xp."""
    position = walk.wallet.level_position
    top = climb(walk.ladder.rungs, position, walk.wallet.xp, _anything)
    return walk.ladder.rungs[position + 1 : top + 1]


def _anything(_rung: Rung) -> bool:
    return True


def _target(walk: Walk, facts: Mapping[UUID, Facts], now: datetime) -> int:
    wallet = walk.wallet
    mine = facts.get(wallet.member_id, _NOTHING)
    return climb(walk.ladder.rungs, wallet.level_position, wallet.xp, lambda rung: not lacks(rung, mine, now))


def _is_late(walk: Walk, targets: Mapping[UUID, int], earliest: Mapping[UUID, datetime]) -> bool:
    wallet = walk.wallet
    return (
        targets[wallet.member_id] <= wallet.level_position
        and walk.rung.by_xp
        and wallet.level_since is not None
        and earliest.get(wallet.member_id, wallet.level_since) < wallet.level_since
    )


def _rise(walk: Walk, target: int, crossed: Mapping[int, datetime], now: datetime, not_before: datetime | None) -> None:
    """Climb rung by rung: at the moment of the entry that crossed one, or now where something else than xp was missing."""
    floor = not_before
    for position in range(walk.wallet.level_position + 1, target + 1):
        by_xp = walk.ladder.rungs[position].by_xp
        at = crossed.get(position, now) if by_xp else now
        at = max(at, floor) if floor else at
        walk.to(position, at)
        floor = floor if by_xp else at


async def _set_timers(session: AsyncSession, walks: Sequence[Walk], facts: Mapping[UUID, Facts], now: datetime) -> None:
    """Start and end graces, and come back when time alone has mended what a member lacks for the next level."""
    over: dict[UUID, datetime] = {}
    recovered: list[UUID] = []
    opens: dict[UUID, datetime] = {}
    for walk in walks:
        wallet = walk.wallet
        change = consider(walk.ladder.rungs, walk.ladder.held(wallet), wallet.xp)
        if change.starts_grace:
            wallet.level_below_since = now
            over[wallet.member_id] = now + GRACE
        elif change.ends_grace:
            wallet.level_below_since = None
            recovered.append(wallet.member_id)
        lacking = [lacks(rung, facts.get(wallet.member_id, _NOTHING), now) for rung in _within_reach(walk)[:1]]
        mended = [lack.at for lack in lacking[0]] if lacking else []
        if mended and all(at is not None and at > now for at in mended):
            opens[wallet.member_id] = max(at for at in mended if at is not None)
    await schedule_many(session, GRACE_OVER, over)
    await cancel_many(session, GRACE_OVER, recovered)
    await schedule_many(session, RUNG_OPENS, opens)


@timers.on(GRACE_OVER, late=Late.ENDING)
async def lose_level(session: AsyncSession, timer: Timer) -> None:
    """Take a level back whose grace is over, as of when it was."""
    await _at_the_time(session, timer)


@timers.on(RUNG_OPENS, late=Late.ENDING)
async def reach_level(session: AsyncSession, timer: Timer) -> None:
    """Give a level for which only time was missing."""
    await _at_the_time(session, timer)


async def _at_the_time(session: AsyncSession, timer: Timer) -> None:
    statement = select(col(Wallet.community_id)).where(col(Wallet.member_id) == timer.subject_id)
    community_id = (await session.execute(statement)).scalar_one_or_none()
    if community_id is not None:
        await look_again(session, {timer.subject_id: community_id}, timer.now)


async def _crossings(session: AsyncSession, walks: Iterable[Walk]) -> dict[UUID, list[Crossing]]:
    """When each member crossed each rung, by all their xp."""
    rungs = {walk.wallet.member_id: walk.ladder.rungs for walk in walks}
    if not rungs:
        return {}
    signed = case((_transfers.c.credit == "wallet", _transfers.c.amount), else_=-_transfers.c.amount)
    rows = await session.execute(
        select(_transfers.c.member_id, _transfers.c.occurred_at, func.sum(signed))
        .where(_transfers.c.member_id.in_(list(rungs)), _transfers.c.currency == "xp")
        .group_by(_transfers.c.member_id, _transfers.c.occurred_at)
    )
    entries: dict[UUID, list[tuple[datetime, int]]] = {member_id: [] for member_id in rungs}
    for member_id, at, amount in rows:
        entries[member_id].append((at, int(amount)))
    return {member_id: list(crossings(rungs[member_id], entries[member_id])) for member_id in rungs}
