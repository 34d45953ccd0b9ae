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
from services.gamification.leaderboards.rules import EVERYBODY, EXACT_RANKS, Part, Window, percentile
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


class _Reads:
    """The statements of boards of one kind: of everybody, or of the part of a window that a column names."""

    def __init__(self, column: str | None) -> None:
        of = [] if column is None else [_SCORES.c[column] == bindparam("part", type_=_SCORES.c[column].type)]
        places = _PLACES.where(*of)
        most: Any = bindparam("most")
        down = places.where(RANKED).order_by(*_ORDER)
        self.top: Prepared[Any] = Prepared(down.limit(most))
        self.below: Prepared[Any] = Prepared(down.where(_order() > _place()).limit(most))
        up = places.where(LISTED, _order() < _place()).order_by(*(key.desc() for key in _ORDER))
        self.above: Prepared[Any] = Prepared(up.limit(most))
        self.of_member: Prepared[Any] = Prepared(places.where(_SCORES.c.member_id == bindparam("member_id"), RANKED))
        ahead = (
            select(literal_column("1"))
            .where(_SCORES.c.window_id == bindparam("window_id"), *of, LISTED, _order() < _place())
            .limit(EXACT_RANKS)
            .subquery()
        )
        self.ahead: Prepared[int] = Prepared(select(func.count()).select_from(ahead))


_ANY_SCORE: Prepared[Any] = Prepared(_PLACES.where(_SCORES.c.member_id == bindparam("member_id")))
_READS = {column: _Reads(column) for column in (None, "cohort_id", "department")}
_WALLETS = Prepared(lambda on: select(Wallet).where(on.among(col(Wallet.member_id), "ids")))


async def window_row(session: AsyncSession, community_id: UUID, window: Window) -> Any | None:
    """The window as it is kept; None where nobody ever earned anything in it."""
    return await _WINDOW.first(session, community_id=community_id, period=window.period.value, from_day=window.from_day)


@dataclass(frozen=True, slots=True)
class On:
    """A board: the window, and whom of it."""

    window_id: UUID
    part: Part = EVERYBODY

    @property
    def named(self) -> dict[str, Any]:
        """The parameters of its statements."""
        named: dict[str, Any] = {"window_id": self.window_id}
        return named if self.part.column is None else named | {"part": self.part.value}

    @property
    def reads(self) -> _Reads:
        """Its statements."""
        return _READS[self.part.column]

    def members(self) -> list[ColumnElement[bool]]:
        """Who stands on it, for statements that are not kept."""
        of = [] if self.part.column is None else [_SCORES.c[self.part.column] == self.part.value]
        return [_SCORES.c.window_id == self.window_id, *of]


async def below(
    session: AsyncSession, board: On, *, after: Key | None, first_rank: int | None, limit: int
) -> list[Place]:
    """Up to `limit` places after the given one, the best first; `first_rank` is the rank of the first of them, if known."""
    rows = (
        await board.reads.top.all(session, most=limit, **board.named)
        if after is None
        else await board.reads.below.all(session, most=limit, **board.named, **_named(after))
    )
    return [_placed(row, None if first_rank is None else first_rank + n) for n, row in enumerate(rows)]


async def above(session: AsyncSession, board: On, of: Place, *, limit: int) -> list[Place]:
    """Up to `limit` places directly before the given one, the best first."""
    rows = await board.reads.above.all(session, most=limit, **board.named, **_named(of.key))
    return [
        _placed(row, None if of.rank is None else of.rank - distance) for distance, row in enumerate(rows, start=1)
    ][::-1]


async def place_of(session: AsyncSession, board: On, member_id: UUID, now: datetime) -> Place | None:
    """A member's own place: exact up to rank 1,000, then as a percentile of the last minute."""
    row = await board.reads.of_member.first(session, member_id=member_id, **board.named)
    if row is None:
        return None
    key: Key = (row.deficit, row.reached_at, row.member_id)
    counted = await board.reads.ahead.one(session, **board.named, **_named(key))
    if counted < EXACT_RANKS:
        return _placed(row, counted + 1)
    spread = await _spreads.of(session, board, now)
    share = percentile(ahead=spread.ahead_of(row.deficit), members=spread.members)
    return Place(row.member_id, -row.deficit, key, rank=None, percentile=share)


async def rank_if_listed(session: AsyncSession, board: On, member_id: UUID) -> int | None:
    """The rank that a member's score has, whether or not they stand on the board; None below the exactly counted ranks, or without a score."""
    row = await _ANY_SCORE.first(session, window_id=board.window_id, member_id=member_id)
    if row is None or row.deficit >= 0:
        return None
    key: Key = (row.deficit, row.reached_at, row.member_id)
    counted = await board.reads.ahead.one(session, **board.named, **_named(key))
    return counted + 1 if counted < EXACT_RANKS else None


async def count_members(session: AsyncSession, board: On, *, limit: int) -> int:
    """How many stand on the board, counting no further than `limit`."""
    some = select(literal_column("1")).where(*board.members(), RANKED).limit(limit).subquery()
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
    """Counted once a minute for each board that somebody asks about; while one counts, others use the minute before."""

    MOST = 500

    def __init__(self) -> None:
        self._kept: dict[On, _Spread] = {}
        self._counting: dict[On, asyncio.Lock] = {}

    async def of(self, session: AsyncSession, board: On, now: datetime) -> _Spread:
        minute = now.replace(second=0, microsecond=0)
        kept = self._kept.get(board)
        if kept is not None and kept.minute == minute:
            return kept
        lock = self._counting.setdefault(board, asyncio.Lock())
        if kept is not None and lock.locked():
            return kept
        async with lock:
            kept = self._kept.get(board)
            if kept is None or kept.minute != minute:
                if len(self._kept) >= self.MOST:
                    self._kept.clear()
                    self._counting.clear()
                kept = self._kept[board] = await self._count(session, board, minute)
        return kept

    async def _count(self, session: AsyncSession, board: On, minute: datetime) -> _Spread:
        rows = (
            await session.execute(
                select(_SCORES.c.deficit, func.count())
                .where(*board.members(), RANKED)
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
