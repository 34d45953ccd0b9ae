"""Lots in the database: what every posting and hold does to them, under the lock of the wallet.

They are kept where points of the community run out (`Wallet.lots_kept`); elsewhere nothing here reads or writes anything.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, bindparam, delete, func, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import among, upsert_many
from chassis.ids import new_id
from services.gamification.ledger.lot_rules import GRACE, Due, Lot, Purse, Use, loss_of, nets
from services.gamification.ledger.models import LotRow, LotUse
from services.gamification.ledger.policies import dues
from services.gamification.ledger.postings import Moved, Posting
from services.gamification.ledger.wallets import WalletState

_lots: Any = LotRow.__table__  # type: ignore[attr-defined]
_uses: Any = LotUse.__table__  # type: ignore[attr-defined]
_LOT = tuple(Lot.__dataclass_fields__)
_USE = tuple(Use.__dataclass_fields__)
_LEAVING = ("redemption", "expiry")

Key = tuple[str, UUID]


def overdue(due: Due) -> ColumnElement[bool]:
    """Lots that have run out and have points left."""
    waits = or_(_lots.c.not_before.is_(None), _lots.c.not_before <= due.began)
    return and_(_lots.c.remaining > 0, _lots.c.earned_at < due.earned_before, waits)


async def available(session: AsyncSession, wallet: Any, now: datetime) -> int:
    """What can be spent: points that nothing holds and whose day has not passed. Below zero is a debt."""
    spendable: int = wallet.points - wallet.held
    if not wallet.lots_kept:
        return spendable
    due = (await dues(session, [wallet.community_id], now)).get(wallet.community_id)
    if due is None:
        return spendable
    gone = await session.execute(
        select(func.coalesce(func.sum(_lots.c.remaining), 0)).where(
            _lots.c.community_id == wallet.community_id, _lots.c.member_id == wallet.member_id, overdue(due)
        )
    )
    return spendable - int(gone.scalar_one())


async def set_aside(session: AsyncSession, wallet: WalletState, hold_id: UUID, amount: int, now: datetime) -> None:
    """Choose the lots whose points are held."""
    if wallet.lots_kept:
        due = (await dues(session, [wallet.community_id], now)).get(wallet.community_id)
        purses = await _load(session, _Wanted({wallet.member_id: wallet}, open={wallet.member_id}))
        purses[wallet.member_id].take(hold_id, amount, "hold", due)
        await _save(session, purses, {wallet.member_id: wallet})


async def give_back(session: AsyncSession, wallet: WalletState, hold_id: UUID, amount: int, now: datetime) -> None:
    """Held points return to their lots."""
    if wallet.lots_kept:
        due = (await dues(session, [wallet.community_id], now)).get(wallet.community_id)
        purses = await _load(session, _Wanted({wallet.member_id: wallet}, uses={hold_id: wallet.member_id}))
        purses[wallet.member_id].give_back(hold_id, amount, now, due)
        await _save(session, purses, {wallet.member_id: wallet})


async def follow(
    session: AsyncSession, postings: Sequence[Posting], wallets: Mapping[UUID, WalletState], now: datetime
) -> list[Posting]:
    """Have lots follow what is about to be posted; answers what must be posted before: expiries of awards that are taken back."""
    kept = [posting for posting in postings if wallets[posting.member_id].lots_kept and not posting.lots]
    if not kept:
        return []
    work = _Work(wallets)
    for posting in kept:
        work.add(posting)
    return await work.done(session, now)


@dataclass(slots=True)
class _Wanted:
    """What is to be read: the lots of these things, those with points left of `open` members, and these uses."""

    wallets: Mapping[UUID, WalletState]
    keys: set[tuple[UUID, Key]] = field(default_factory=set)
    open: set[UUID] = field(default_factory=set)
    uses: dict[UUID, UUID] = field(default_factory=dict)


class _Work:
    """What postings of one transaction do to the lots of their members."""

    def __init__(self, wallets: Mapping[UUID, WalletState]) -> None:
        self.wallets = wallets
        self.changes: defaultdict[UUID, list[tuple[Key, int]]] = defaultdict(list)
        self.first: dict[tuple[UUID, Key], Posting] = {}
        self.spent: list[Posting] = []
        self.returned: list[tuple[Posting, Moved]] = []

    def add(self, posting: Posting) -> None:
        key = (posting.rule_code or "", posting.source_id)
        self.first.setdefault((posting.member_id, key), posting)
        for moved in posting.reverses:
            if moved.currency == "points" and moved.credit in _LEAVING:
                self.returned.append((posting, moved))
            elif moved.currency == "points":
                self.changes[posting.member_id].append((key, -moved.signed))
        if posting.reverses or not posting.points:
            return
        if posting.kind in _LEAVING:
            posting.points_id = posting.points_id or new_id()
            self.spent.append(posting)
        else:
            self.changes[posting.member_id].append((key, posting.points))

    async def done(self, session: AsyncSession, now: datetime) -> list[Posting]:
        net = {member_id: nets(changes) for member_id, changes in self.changes.items()}
        wanted = _Wanted({})
        members = {*net, *(posting.member_id for posting in self.spent), *(p.member_id for p, _ in self.returned)}
        wanted.wallets = {member_id: self.wallets[member_id] for member_id in members}
        for member_id, changes in net.items():
            for key, amount in changes.items():
                wanted.keys.add((member_id, key))
                wanted.uses[loss_of(member_id, *key)] = member_id
                if amount < 0:
                    wanted.open.add(member_id)
        for posting in self.spent:
            wanted.open.add(posting.member_id)
            if posting.hold_id is not None:
                wanted.uses[posting.hold_id] = posting.member_id
        for posting, moved in self.returned:
            wanted.uses[moved.id] = posting.member_id
        if not members:
            return []
        purses = await _load(session, wanted)
        communities = {self.wallets[member_id].community_id for member_id in members}
        # What is new lasts: only to a lot that there was before can something come too late.
        gaining = [purses[member_id] for member_id, changes in net.items() if max(changes.values(), default=0) > 0]
        again = any(purse.lots or purse.uses for purse in gaining)
        due = await dues(session, communities, now) if self.spent or self.returned or again else {}
        extra = await self._net(session, net, purses, now, due)
        for posting in self.spent:
            purse, amount = purses[posting.member_id], -posting.points
            if posting.hold_id is not None:
                purse.settle(posting.hold_id, amount)
                purse.rename(posting.hold_id, posting.points_id or posting.hold_id)
            else:
                purse.take(posting.points_id or new_id(), amount, "spend", due.get(posting.community_id))
        for posting, moved in self.returned:
            purse = purses[posting.member_id]
            left = purse.give_back(moved.id, moved.amount, now, due.get(posting.community_id))
            if left:
                lot = self._lot(purse, posting, (posting.rule_code or "", posting.source_id), now)
                purse.gain(lot, left, now, due.get(posting.community_id))
        await _save(session, purses, self.wallets)
        return extra

    async def _net(
        self,
        session: AsyncSession,
        net: Mapping[UUID, Mapping[Key, int]],
        purses: Mapping[UUID, Purse],
        now: datetime,
        due: Mapping[UUID, Due],
    ) -> list[Posting]:
        """What each thing gave or lost in all; an award that ran out and is taken back has its expiry reversed first."""
        short: dict[UUID, Purse] = {}
        for member_id, changes in net.items():
            for key, amount in changes.items():
                lot = _of(purses[member_id], key)
                if lot is not None and lot.expired and -amount > lot.remaining:
                    short[lot.id] = purses[member_id]
        extra = [
            self._revived(purses, transfer_id, lot_id, amount, now)
            for transfer_id, lot_id, amount in await _expiries(session, short)
        ]
        for member_id, changes in net.items():
            purse = purses[member_id]
            for key, amount in sorted(changes.items(), key=lambda change: (change[1] < 0, change[0][1].int)):
                if amount > 0:
                    lot = self._lot(purse, self.first[member_id, key], key, now)
                    purse.gain(lot, amount, now, due.get(lot.community_id))
                else:
                    purse.lose(_of(purse, key), -amount, name=loss_of(member_id, *key))
            purse.even_out()
        return extra

    def _revived(
        self, purses: Mapping[UUID, Purse], transfer_id: UUID, lot_id: UUID, amount: int, now: datetime
    ) -> Posting:
        purse = next(purse for purse in purses.values() if lot_id in purse.lots)
        lot = purse.lots[lot_id]
        purse.uses[transfer_id] = [Use(transfer_id, lot_id, "expiry", amount)]
        debt = purse.debt
        # What ran out is the lot's own again, whatever is owed: it is taken back next.
        purse.debt = 0
        purse.give_back(transfer_id, amount, now)
        purse.debt = debt
        return Posting(
            member_id=lot.member_id,
            community_id=lot.community_id,
            occurred_at=now,
            kind="reversal",
            key=f"reversal:{transfer_id}",
            source_id=lot_id,
            source_type="points.expired",
            reverses=[Moved(transfer_id, "points", "wallet", "expiry", amount)],
            why="recounted",
        )

    def _lot(self, purse: Purse, posting: Posting, key: Key, now: datetime) -> Lot:
        found = _of(purse, key)
        if found is not None:
            return found
        return Lot(
            id=new_id(),
            member_id=posting.member_id,
            community_id=posting.community_id,
            rule_code=key[0],
            source_id=key[1],
            earned_at=posting.occurred_at,
            not_before=now + GRACE,
        )


def _of(purse: Purse, key: Key) -> Lot | None:
    return next((lot for lot in purse.lots.values() if (lot.rule_code, lot.source_id) == key), None)


async def _expiries(session: AsyncSession, lot_ids: Iterable[UUID]) -> list[tuple[UUID, UUID, int]]:
    """Transfers by which points of these lots ran out and were not brought back."""
    ids = list(lot_ids)
    if not ids:
        return []
    rows = await session.execute(
        select(_uses.c.use_id, _uses.c.lot_id, _uses.c.amount).where(
            among(session, _uses.c.lot_id, ids), _uses.c.kind == "expiry"
        )
    )
    return sorted(((use_id, lot_id, amount) for use_id, lot_id, amount in rows), key=lambda row: row[0].int)


async def _load(session: AsyncSession, wanted: _Wanted) -> dict[UUID, Purse]:
    purses = {member_id: Purse(debt=wallet.debt) for member_id, wallet in wanted.wallets.items()}
    conditions: list[ColumnElement[bool]] = []
    if wanted.uses:
        rows = await session.execute(
            select(*[_uses.c[name] for name in _USE]).where(among(session, _uses.c.use_id, list(wanted.uses)))
        )
        found = [Use(*row) for row in rows]
        for use in found:
            purses[wanted.uses[use.use_id]].uses.setdefault(use.use_id, []).append(use)
        if found:
            conditions.append(among(session, _lots.c.id, {use.lot_id for use in found}))
    if wanted.keys:
        sources = {key[1] for _, key in wanted.keys}
        members = {member_id for member_id, _ in wanted.keys}
        conditions.append(and_(among(session, _lots.c.member_id, members), among(session, _lots.c.source_id, sources)))
    if wanted.open:
        communities = {wanted.wallets[member_id].community_id for member_id in wanted.open}
        conditions.append(
            and_(
                among(session, _lots.c.community_id, communities),
                among(session, _lots.c.member_id, wanted.open),
                _lots.c.remaining > 0,
            )
        )
    # One statement for each, so that each goes by its own index.
    for condition in conditions:
        for row in await session.execute(select(*[_lots.c[name] for name in _LOT]).where(condition)):
            lot = Lot(*row)
            purses[lot.member_id].lots.setdefault(lot.id, lot)
    return purses


async def _save(session: AsyncSession, purses: Mapping[UUID, Purse], wallets: Mapping[UUID, WalletState]) -> None:
    for member_id, purse in purses.items():
        wallets[member_id].debt = purse.debt
    await write(session, purses.values())


async def write(session: AsyncSession, purses: Iterable[Purse]) -> None:
    """Write what changed of these purses; the caller writes the wallets."""
    purses = list(purses)
    rows = [
        {name: getattr(purse.lots[lot_id], name) for name in _LOT}
        for purse in purses
        for lot_id in sorted(purse.changed, key=lambda lot_id: lot_id.int)
    ]
    await upsert_many(session, _lots, rows, key=["id"], update=["not_before", "remaining", "held", "expired"])
    gone = [{"use_": use.use_id, "lot_": use.lot_id} for purse in purses for use in purse.gone]
    if gone:
        connection = await session.connection()
        await connection.execute(
            delete(_uses).where(_uses.c.use_id == bindparam("use_"), _uses.c.lot_id == bindparam("lot_")), gone
        )
    added = [{name: getattr(use, name) for name in _USE} for purse in purses for use in purse.added]
    await upsert_many(session, _uses, added, key=["use_id", "lot_id"], update=["kind", "amount"])
