"""Points run out: each community's day begins a job that takes what is over from its members, some at a time.

The same job begins to keep the lots of members who have none yet, so that nothing else is to be done when a community first says that
points run out, or is joined.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import case, func, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import among
from chassis.database.context import moment_of
from chassis.ids import new_id
from chassis.jobs import JobRun, Jobs, start_job
from chassis.projections.communities import known_community
from chassis.timers import Timer, Timers
from services.gamification.ledger.lot_rules import GRACE, Due, Lot, Purse, opening
from services.gamification.ledger.lots import overdue, write
from services.gamification.ledger.models import ExpiryPolicy, Hold, LotRow, PostedTransfer, Wallet
from services.gamification.ledger.policies import due_of
from services.gamification.ledger.postings import Posting
from services.gamification.ledger.service import post
from services.gamification.ledger.wallets import WalletState, lock_wallets, save

EXPIRE = "ledger.expire"
FIRST_CHUNK, MOST_MEMBERS = 16, 200
_NOBODY = UUID(int=0)
_lots: Any = LotRow.__table__  # type: ignore[attr-defined]
_transfers: Any = PostedTransfer.__table__  # type: ignore[attr-defined]
_LOT = tuple(Lot.__dataclass_fields__)

jobs, timers = Jobs(), Timers()


@timers.every(timedelta(minutes=30), kind="ledger.begin_expiry")
async def begin_day(session: AsyncSession, timer: Timer) -> None:
    """Begin the day of those communities whose points run out and whose day has begun."""
    policies = await session.exec(select(ExpiryPolicy).where(col(ExpiryPolicy.kind) != "never"))  # type: ignore[call-overload]
    for policy in policies.scalars():
        community = await known_community(session, policy.community_id)
        if community is not None and policy.done_on != community.day_of(timer.now):
            await begin(session, policy, community.day_of(timer.now), timer.now)


async def begin(session: AsyncSession, policy: ExpiryPolicy, today: date, now: datetime) -> None:
    """Start the job of a community's day."""
    policy.done_on = today
    session.add(policy)
    params = {"community_id": str(policy.community_id), "now": now.astimezone(UTC).isoformat()}
    await start_job(session, EXPIRE, params, caller=None, now=now, community_id=policy.community_id)


@jobs.kind(EXPIRE)
async def expire(job: JobRun) -> None:
    """Keep the lots of who has none, then take what is over; in chunks short enough for others to write meanwhile."""
    community_id = UUID(job.params["community_id"])
    await job.in_steps(
        lambda session, size: _keep_some(session, job, community_id, size), first=FIRST_CHUNK, most=MOST_MEMBERS
    )
    await job.in_steps(
        lambda session, size: _expire_some(session, job, community_id, size), first=FIRST_CHUNK, most=MOST_MEMBERS
    )


async def _keep_some(session: AsyncSession, job: JobRun, community_id: UUID, size: int) -> bool:
    # Goes on after the last, or each chunk would pass over all whom the ones before have dealt with.
    statement = select(col(Wallet.member_id)).where(
        col(Wallet.community_id) == community_id,
        col(Wallet.lots_kept).is_(False),
        col(Wallet.member_id) > UUID(job.result.get("kept_to", str(_NOBODY))),
    )
    members = list((await session.execute(statement.order_by(col(Wallet.member_id)).limit(size))).scalars())
    if members:
        job.result["kept_to"] = str(members[-1])
        wallets = await lock_wallets(session, dict.fromkeys(members, community_id))
        await keep_lots(session, [wallet for wallet in wallets.values() if not wallet.lots_kept])
        job.advance(done=len(members))
    return bool(members)


async def keep_lots(session: AsyncSession, wallets: Sequence[WalletState]) -> None:
    """Make the lots of locked wallets that had none: what each thing gave, of which the oldest was spent first."""
    by_id = {wallet.member_id: wallet for wallet in wallets}
    gained = func.sum(case((_transfers.c.credit == "wallet", _transfers.c.amount), else_=-_transfers.c.amount))
    code = func.coalesce(_transfers.c.rule_code, "")
    rows = await session.execute(
        select(
            _transfers.c.member_id,
            code,
            _transfers.c.source_id,
            gained,
            func.min(_transfers.c.occurred_at),
            func.max(_transfers.c.recorded_at),
        )
        .where(among(session, _transfers.c.member_id, by_id), _transfers.c.currency == "points")
        .group_by(_transfers.c.member_id, code, _transfers.c.source_id)
    )
    lots: defaultdict[UUID, list[Lot]] = defaultdict(list)
    for member_id, rule_code, source_id, amount, earned_at, recorded_at in rows:
        if amount > 0:
            community_id = by_id[member_id].community_id
            lots[member_id].append(
                Lot(new_id(), member_id, community_id, rule_code, source_id, earned_at, recorded_at + GRACE, amount)
            )
    pending = await session.execute(
        select(col(Hold.member_id), col(Hold.id), col(Hold.amount))
        .where(among(session, col(Hold.member_id), by_id), col(Hold.state) == "pending")
        .order_by(col(Hold.created_at), col(Hold.id))
    )
    holds: defaultdict[UUID, list[tuple[UUID, int]]] = defaultdict(list)
    for member_id, hold_id, amount in pending:
        holds[member_id].append((hold_id, amount))
    purses = []
    for wallet in wallets:
        purse = opening(lots[wallet.member_id], holds[wallet.member_id], wallet.points)
        wallet.lots_kept, wallet.debt = True, purse.debt
        purses.append(purse)
    await write(session, purses)
    await save(session, wallets)


async def _expire_some(session: AsyncSession, job: JobRun, community_id: UUID, size: int) -> bool:
    now = moment_of(session)
    policy = await session.get(ExpiryPolicy, community_id)
    community = await known_community(session, community_id)
    if policy is None or community is None or policy.kind == "never":
        return False
    # As of the day that was begun, however late the job comes to somebody.
    due = due_of(policy, community, datetime.fromisoformat(job.params["now"]))
    after = UUID(job.result.get("expired_to", str(_NOBODY)))
    if due is None:
        return False
    statement = select(_lots.c.member_id).where(
        _lots.c.community_id == community_id, _lots.c.member_id > after, overdue(due)
    )
    members = list((await session.execute(statement.distinct().order_by(_lots.c.member_id).limit(size))).scalars())
    if not members:
        return False
    await expire_of(session, await lock_wallets(session, dict.fromkeys(members, community_id)), community_id, due, now)
    job.result["expired_to"] = str(members[-1])
    job.advance(done=len(members))
    return True


@dataclass(slots=True)
class _Over:
    """The lots of one member that have run out."""

    purse: Purse
    posting: Posting


async def expire_of(
    session: AsyncSession, wallets: dict[UUID, WalletState], community_id: UUID, due: Due, now: datetime
) -> None:
    """Take what is over from locked wallets: a transfer for each lot, and one message for each member."""
    rows = await session.execute(
        select(*[_lots.c[name] for name in _LOT]).where(
            _lots.c.community_id == community_id, among(session, _lots.c.member_id, wallets), overdue(due)
        )
    )
    lots: defaultdict[UUID, list[Lot]] = defaultdict(list)
    for row in rows:
        lot = Lot(*row)
        lots[lot.member_id].append(lot)
    found = [_over(member_id, wallets[member_id], over, now) for member_id, over in sorted(lots.items())]
    await post(session, [each.posting for each in found], wallets, now)
    for each in found:
        for (lot_id, _), transfer_id in zip(each.posting.lots, each.posting.transfer_ids, strict=True):
            each.purse.expire(each.purse.lots[lot_id], transfer_id)
    await write(session, [each.purse for each in found])


def _over(member_id: UUID, wallet: WalletState, lots: list[Lot], now: datetime) -> _Over:
    lots.sort(key=lambda lot: lot.order)
    expiry_id = new_id()
    posting = Posting(
        member_id=member_id,
        community_id=wallet.community_id,
        occurred_at=now,
        kind="expiry",
        # Not the day: what an expiry gave back may run out once more on the same. That nothing does twice follows from what is left in lots.
        key=f"expiry:{expiry_id}",
        source_id=expiry_id,
        source_type="points.expired",
        points=-sum(lot.remaining for lot in lots),
        lots=[(lot.id, lot.remaining) for lot in lots],
    )
    return _Over(Purse(debt=wallet.debt, lots={lot.id: lot for lot in lots}), posting)
