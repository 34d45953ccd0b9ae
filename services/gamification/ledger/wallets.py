"""Wallet rows: made, locked in one order, changed in memory, written back in one statement."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, bindparam, func, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import insert_new, upsert_many
from chassis.database.context import moment_of
from chassis.database.statements import Prepared, Spelling, is_postgres
from services.gamification.ledger.models import Wallet

_wallets: Any = Wallet.__table__  # type: ignore[attr-defined]


@dataclass(slots=True)
class WalletState:
    """A locked wallet row in memory; `save` writes it back."""

    member_id: UUID
    community_id: UUID
    points: int
    debt: int
    lots_kept: bool
    held: int
    xp: int
    messages_published: int
    joined_at: datetime | None
    status_changed: bool
    level_position: int
    level_since: datetime | None
    level_below_since: datetime | None
    ladder_version: int
    created_at: datetime

    @property
    def spendable(self) -> int:
        """Points that can be spent now: those that nothing holds; below zero is a debt."""
        return self.points - self.held

    def bump(self) -> int:
        """Count one more message with the member as subject and return its `aggregateversion`."""
        self.messages_published += 1
        return self.messages_published


_FIELDS = tuple(WalletState.__dataclass_fields__)
_CHANGING = tuple(name for name in _FIELDS if name not in {"member_id", "community_id", "created_at"})


def _these(on: Spelling) -> Any:
    return select(*[_wallets.c[name] for name in _FIELDS]).where(on.among(_wallets.c.member_id, "ids"))


def _locked(on: Spelling) -> Any:
    statement = _these(on).order_by(_wallets.c.member_id)
    if not on.is_postgres:
        return statement
    there = select(func.count()).select_from(_wallets).where(on.among(_wallets.c.member_id, "ids")).scalar_subquery()
    return statement.where(there == bindparam("number", type_=Integer)).with_for_update()


_LOOK: Prepared[Any] = Prepared(_these)
_LOCK: Prepared[Any] = Prepared(_locked)
_STILL: Prepared[Any] = Prepared(
    lambda on: (
        select(_wallets.c.member_id)
        .where(on.among(_wallets.c.member_id, "ids"))
        .order_by(_wallets.c.member_id)
        .with_for_update()
    )
)
_COUNT: Prepared[int] = Prepared(
    update(_wallets)
    .where(_wallets.c.member_id == bindparam("of"))
    .values(messages_published=_wallets.c.messages_published + bindparam("count", type_=Integer))
    .returning(_wallets.c.messages_published)
)


async def lock_wallets(
    session: AsyncSession, members: Mapping[UUID, UUID] | Iterable[tuple[UUID, UUID]]
) -> dict[UUID, WalletState]:
    """Make wallets where missing, given member ids with their community ids, and lock all in the order of member id.

    The missing ones are made before any lock is taken: whoever held a lock and then waited for another's insert could wait
    for ever.
    """
    wanted = dict(members)
    if not wanted:
        return {}
    ids = sorted(wanted, key=lambda member_id: member_id.int)
    found = await _lock_all(session, ids)
    if len(found) == len(ids):
        return found
    now = moment_of(session)
    missing = [_stub(member_id, wanted[member_id], now) for member_id in ids if member_id not in found]
    await insert_new(session, _wallets, missing, key=["member_id"])
    return await _lock_all(session, ids)


async def hold_still(session: AsyncSession, member_ids: Iterable[UUID]) -> None:
    """Lock those wallets that there are, in the order of member id: nothing is posted to these members meanwhile."""
    if is_postgres(session):
        await _STILL.all(session, ids=list(member_ids))


async def look_at_wallets(session: AsyncSession, members: Iterable[UUID]) -> dict[UUID, WalletState]:
    """The wallets that are there, as they are, without a lock: for what is not written."""
    return {row[0]: WalletState(*row) for row in await _LOOK.all(session, ids=list(members))}


async def _lock_all(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, WalletState]:
    """The wallets, locked. If one is missing, PostgreSQL returns none; SQLite, with its one writer, returns those that exist."""
    number = {"number": len(ids)} if is_postgres(session) else {}
    return {row[0]: WalletState(*row) for row in await _LOCK.all(session, ids=ids, **number)}


def _stub(member_id: UUID, community_id: UUID, now: datetime) -> dict[str, Any]:
    state = WalletState(
        member_id=member_id,
        community_id=community_id,
        points=0,
        debt=0,
        lots_kept=False,
        held=0,
        xp=0,
        messages_published=0,
        joined_at=None,
        status_changed=False,
        level_position=0,
        level_since=None,
        level_below_since=None,
        ladder_version=0,
        created_at=now,
    )
    return row_of(state)


def row_of(state: WalletState) -> dict[str, Any]:
    """The row of a wallet, as the database takes it."""
    return {name: getattr(state, name) for name in _FIELDS}


async def save(session: AsyncSession, states: Iterable[WalletState]) -> None:
    """Write locked wallets back, in one statement."""
    rows = [row_of(state) for state in states]
    await upsert_many(session, _wallets, rows, key=["member_id"], update=_CHANGING)


async def next_versions(session: AsyncSession, member_id: UUID, count: int = 1) -> int:
    """Count messages whose subject is the member (points, level, streak) and return the first new `aggregateversion`.

    Call with the wallet locked; the types that this service publishes for a member share the count.
    """
    return await _COUNT.one(session, of=member_id, count=count) - count + 1
