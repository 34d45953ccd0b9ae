"""Checking the whole ledger against its invariants, as a stream: memory does not grow with its length."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import among
from services.gamification.ledger.models import Hold, LotRow, PostedTransfer, Wallet
from services.gamification.ledger.rules import Broken, Checker, HeldPoints, Transfer

_transfers: Any = PostedTransfer.__table__  # type: ignore[attr-defined]
_wallets: Any = Wallet.__table__  # type: ignore[attr-defined]
_lots: Any = LotRow.__table__  # type: ignore[attr-defined]
_holds: Any = Hold.__table__  # type: ignore[attr-defined]

_FIELDS = tuple(Transfer.__dataclass_fields__)
_HOLD_FIELDS = tuple(HeldPoints.__dataclass_fields__)
MEMBERS_AT_ONCE = 500
FAULTS_TOLD = 100

Progress = Callable[[int, int], None]
"""Called with how many members were checked, of how many."""


@dataclass(slots=True)
class Verdict:
    """What the check found; `faults` tells the first hundred, `broken` counts all."""

    members: int = 0
    transfers: int = 0
    broken: int = 0
    faults: list[Broken] = field(default_factory=list)
    sums: dict[str, int] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        """Whether every invariant holds."""
        return self.broken == 0

    def add(self, fault: Broken) -> None:
        """Count a fault, and keep it while there are few."""
        self.broken += 1
        if len(self.faults) < FAULTS_TOLD:
            self.faults.append(fault)


async def verify(session: AsyncSession, *, progress: Progress | None = None) -> Verdict:
    """Check every wallet and transfer: currencies sum to zero, balances are the sums of entries, nothing is paid twice,
    what wallets hold are their pending holds, and lots are the points of those who have any.

    Give it a session whose statements see one state of the database (`snapshot`), or writes between them look like faults.
    """
    total = (await session.execute(select(func.count()).select_from(_wallets))).scalar_one()
    checker, verdict = Checker(), Verdict()
    async for wallet, transfers, holds, in_lots in _by_member(session):
        balances = {"points": wallet.points, "xp": wallet.xp}
        found = checker.member(
            wallet.member_id,
            transfers,
            balances,  # type: ignore[arg-type]
            held=wallet.held,
            holds=holds,
            in_lots=in_lots,
        )
        for fault in found:
            verdict.add(fault)
        if progress is not None and checker.members % MEMBERS_AT_ONCE == 0:
            progress(checker.members, total)
    for fault in checker.close():
        verdict.add(fault)
    verdict.members, verdict.transfers = checker.members, checker.transfers
    verdict.sums = {str(name): amount for name, amount in checker.wallet_sums.items()}
    if progress is not None:
        progress(checker.members, total)
    return verdict


async def snapshot(session: AsyncSession) -> None:
    """Have everything that the session reads be of one moment; the first thing to do with it. SQLite does so anyway."""
    if session.get_bind().dialect.name == "postgresql":
        await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


async def _by_member(session: AsyncSession) -> AsyncIterator[tuple[Any, list[Transfer], list[HeldPoints], int | None]]:
    after: UUID | None = None
    while True:
        columns = [_wallets.c[name] for name in ("member_id", "points", "held", "debt", "lots_kept", "xp")]
        statement = select(*columns).order_by(_wallets.c.member_id)
        if after is not None:
            statement = statement.where(_wallets.c.member_id > after)
        wallets = (await session.execute(statement.limit(MEMBERS_AT_ONCE))).all()
        if not wallets:
            return
        found: dict[UUID, list[Transfer]] = {wallet.member_id: [] for wallet in wallets}
        rows = await session.execute(
            select(*[_transfers.c[name] for name in _FIELDS]).where(
                _transfers.c.member_id >= wallets[0].member_id, _transfers.c.member_id <= wallets[-1].member_id
            )
        )
        for row in rows:
            transfer = Transfer(*row)
            found[transfer.member_id].append(transfer)
        holds: dict[UUID, list[HeldPoints]] = {wallet.member_id: [] for wallet in wallets}
        kept = await session.execute(
            select(_holds.c.member_id, *[_holds.c[name] for name in _HOLD_FIELDS]).where(
                _holds.c.member_id >= wallets[0].member_id, _holds.c.member_id <= wallets[-1].member_id
            )
        )
        for member_id, *fields in kept:
            holds[member_id].append(HeldPoints(*fields))
        summed = await session.execute(
            select(_lots.c.member_id, func.sum(_lots.c.remaining + _lots.c.held))
            .where(among(session, _lots.c.member_id, [wallet.member_id for wallet in wallets if wallet.lots_kept]))
            .group_by(_lots.c.member_id)
        )
        lots: dict[UUID, int] = {member_id: int(amount) for member_id, amount in summed}
        for wallet in wallets:
            in_lots = lots.get(wallet.member_id, 0) - wallet.debt if wallet.lots_kept else None
            yield wallet, found[wallet.member_id], holds[wallet.member_id], in_lots
        after = wallets[-1].member_id
