"""Reading a board: a page costs the same wherever it lies and however many members there are."""

import asyncio
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Table, func, literal_column, select, tuple_
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import Prepared, bindparam
from services.gamification.leaderboards.models import LISTED, RANKED, BoardScore, BoardWindow
from services.gamification.leaderboards.rules import EXACT_RANKS, Window, percentile
from services.gamification.ledger.models import Wallet
from services.gamification.levels.ladders import ladder_of
from services.gamification.levels.rules import Rung

_SCORES: Table = BoardScore.__table__  # type: ignore[attr-defined]
_WINDOWS: Table = BoardWindow.__table__  # type: ignore[attr-defined]

_ORDER = (_SCORES.c.deficit, _SCORES.c.reached_at, _SCORES.c.member_id)
Key = tuple[int, datetime, UUID]
"""A place in the order: deficit, reached_at, member_id."""


@dataclass(frozen=True, slots=True)
class Place:
    """A member's place in a window. Below the exactly counted ranks, `rank` is None and `percentile` is set instead."""

    member_id: UUID
    score: int
    key: Key
    rank: int | None
    percentile: float | None = None


def _order() -> ColumnElement[Any]:
    return tuple_(*_ORDER)


def _place() -> ColumnElement[Any]:
    """A place as statements have it; `_named` gives its parameters."""
    return tuple_(*(bindparam(f"of_{column.name}", type_=column.type) for column in _ORDER))


def _named(key: Key) -> dict[str, Any]:
    return {f"of_{column.name}": value for column, value in zip(_ORDER, key, strict=True)}


_WINDOW: Prepared[Any] = Prepared(
    select(_WINDOWS).where(
        _WINDOWS.c.community_id == bindparam("community_id"),
        _WINDOWS.c.period == bindparam("period"),
        _WINDOWS.c.from_day == bindparam("from_day"),
    )
)
_PLACES = select(*_ORDER).where(_SCORES.c.window_id == bindparam("window_id"))
_TOP: Prepared[Any] = Prepared(_PLACES.where(RANKED).order_by(*_ORDER).limit(bindparam("most")))
_BELOW: Prepared[Any] = Prepared(_PLACES.where(RANKED, _order() > _place()).order_by(*_ORDER).limit(bindparam("most")))
_ABOVE: Prepared[Any] = Prepared(
    _PLACES.where(LISTED, _order() < _place()).order_by(*(column.desc() for column in _ORDER)).limit(bindparam("most"))
)
_OF_MEMBER: Prepared[Any] = Prepared(_PLACES.where(_SCORES.c.member_id == bindparam("member_id"), RANKED))
_AHEAD = (
    select(literal_column("1"))
    .where(_SCORES.c.window_id == bindparam("window_id"), LISTED, _order() < _place())
    .limit(EXACT_RANKS)
    .subquery()
)
_COUNT_AHEAD = Prepared(select(func.count()).select_from(_AHEAD))
_WALLETS = Prepared(lambda on: select(Wallet).where(on.among(col(Wallet.member_id), "ids")))


async def window_row(session: AsyncSession, community_id: UUID, window: Window) -> Any | None:
    """The window as it is kept; None where nobody ever earned anything in it."""
    return await _WINDOW.first(session, community_id=community_id, period=window.period.value, from_day=window.from_day)


async def below(
    session: AsyncSession, window_id: UUID, *, after: Key | None, first_rank: int | None, limit: int
) -> list[Place]:
    """Up to `limit` places after the given one, the best first; `first_rank` is the rank of the first of them, if known."""
    rows = (
        await _TOP.all(session, window_id=window_id, most=limit)
        if after is None
        else await _BELOW.all(session, window_id=window_id, most=limit, **_named(after))
    )
    return [_placed(row, None if first_rank is None else first_rank + n) for n, row in enumerate(rows)]


async def above(session: AsyncSession, window_id: UUID, of: Place, *, limit: int) -> list[Place]:
    """Up to `limit` places directly before the given one, the best first."""
    rows = await _ABOVE.all(session, window_id=window_id, most=limit, **_named(of.key))
    return [
        _placed(row, None if of.rank is None else of.rank - distance) for distance, row in enumerate(rows, start=1)
    ][::-1]


async def place_of(session: AsyncSession, window_id: UUID, member_id: UUID, now: datetime) -> Place | None:
    """A member's own place: exact up to rank 1,000, then as a percentile of the last minute."""
    row = await _OF_MEMBER.first(session, window_id=window_id, member_id=member_id)
    if row is None:
        return None
    key: Key = (row.deficit, row.reached_at, row.member_id)
    counted = await _COUNT_AHEAD.one(session, window_id=window_id, **_named(key))
    if counted < EXACT_RANKS:
        return _placed(row, counted + 1)
    spread = await _spreads.of(session, window_id, now)
    share = percentile(ahead=spread.ahead_of(row.deficit), members=spread.members)
    return Place(row.member_id, -row.deficit, key, rank=None, percentile=share)


async def count_members(session: AsyncSession, window_id: UUID, *, limit: int) -> int:
    """How many stand on the board, counting no further than `limit`."""
    some = select(literal_column("1")).where(_SCORES.c.window_id == window_id, RANKED).limit(limit).subquery()
    counted: int = (await session.execute(select(func.count()).select_from(some))).scalar_one()
    return counted


async def levels_of(
    session: AsyncSession, community_id: UUID, member_ids: Sequence[UUID], now: datetime
) -> dict[UUID, Rung]:
    """The level of each member now; the first rung for one without a wallet."""
    wallets = await _WALLETS.all(session, ids=list(member_ids))
    ladder = await ladder_of(session, community_id)
    levels = dict.fromkeys(member_ids, ladder.rungs[0])
    return levels | {wallet.member_id: ladder.level(wallet, now) for wallet in wallets}


def _placed(row: Any, rank: int | None) -> Place:
    return Place(row.member_id, -row.deficit, (row.deficit, row.reached_at, row.member_id), rank)


# --- percentiles, by the minute --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Spread:
    """How many members stand at or before each deficit, in one minute."""

    minute: datetime
    deficits: Sequence[int]
    up_to: Sequence[int]

    @property
    def members(self) -> int:
        return self.up_to[-1] if self.up_to else 0

    def ahead_of(self, deficit: int) -> int:
        """How many are certainly before this score."""
        position = bisect_right(self.deficits, deficit - 1)
        return self.up_to[position - 1] if position else 0


class _Spreads:
    """Counted once a minute for each window that somebody asks about; while one counts, others use the minute before."""

    MOST = 500

    def __init__(self) -> None:
        self._kept: dict[UUID, _Spread] = {}
        self._counting: dict[UUID, asyncio.Lock] = {}

    async def of(self, session: AsyncSession, window_id: UUID, now: datetime) -> _Spread:
        minute = now.replace(second=0, microsecond=0)
        kept = self._kept.get(window_id)
        if kept is not None and kept.minute == minute:
            return kept
        lock = self._counting.setdefault(window_id, asyncio.Lock())
        if kept is not None and lock.locked():
            return kept
        async with lock:
            kept = self._kept.get(window_id)
            if kept is None or kept.minute != minute:
                if len(self._kept) >= self.MOST:
                    self._kept.clear()
                    self._counting.clear()
                kept = self._kept[window_id] = await self._count(session, window_id, minute)
        return kept

    async def _count(self, session: AsyncSession, window_id: UUID, minute: datetime) -> _Spread:
        rows = (
            await session.execute(
                select(_SCORES.c.deficit, func.count())
                .where(_SCORES.c.window_id == window_id, RANKED)
                .group_by(_SCORES.c.deficit)
                .order_by(_SCORES.c.deficit)
            )
        ).all()
        deficits, up_to, total = [], [], 0
        for deficit, members in rows:
            total += members
            deficits.append(deficit)
            up_to.append(total)
        return _Spread(minute, deficits, up_to)


_spreads = _Spreads()
