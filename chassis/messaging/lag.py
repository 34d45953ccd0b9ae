"""How far messages have come: what waits in the outbox, how far each consumer is, what was put aside."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy import ColumnElement, Table, func, not_, select, true
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.context import context_of
from chassis.database.messaging_tables import MessagingTables
from chassis.database.statements import Prepared

_COUNT_UP_TO = 100_000


@dataclass(frozen=True, slots=True)
class Backlog:
    """What is committed and not yet published; `count` stops at 100,000."""

    count: int
    oldest: datetime | None

    def age_seconds(self, now: datetime) -> float:
        """How long the oldest has waited."""
        return max(0.0, (now - self.oldest).total_seconds()) if self.oldest else 0.0


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one consumer is on one topic: everything its owner recorded until `caught_up_at` is applied."""

    consumer: str
    topic: str
    caught_up_at: datetime | None


def is_own(progress_: Table) -> ColumnElement[bool]:
    """Whether a row is of the consumer that keeps what the service knows; a further group (`<service>.<group>`) keeps nothing."""
    return not_(progress_.c.consumer.contains("."))


def _tables(session: AsyncSession) -> MessagingTables:
    return context_of(session).tables.messaging


async def outbox_backlog(session: AsyncSession) -> Backlog:
    """What waits to be published."""
    outbox = _tables(session).outbox
    connection = await session.connection()
    some = select(outbox.c.seq).limit(_COUNT_UP_TO).subquery()
    count = (await connection.execute(select(func.count()).select_from(some))).scalar_one()
    oldest = (await connection.execute(select(outbox.c.recorded_at).order_by(outbox.c.seq).limit(1))).scalar()
    return Backlog(count, oldest)


async def progress(session: AsyncSession, *, own: bool = False) -> list[Progress]:
    """How far each consumer is, by topic: as far as its slowest partition. `own`: without further groups."""
    table = _tables(session).consumer_progress
    connection = await session.connection()
    # A partition that was never caught up makes the whole topic unknown, which min() alone would overlook.
    known = func.count(table.c.caught_up_at) == func.count()
    rows = await connection.execute(
        select(table.c.consumer, table.c.topic, func.min(table.c.caught_up_at).label("least"), known.label("known"))
        .where(is_own(table) if own else true())
        .group_by(table.c.consumer, table.c.topic)
        .order_by(table.c.consumer, table.c.topic)
    )
    return [Progress(row.consumer, row.topic, row.least if row.known else None) for row in rows]


async def caught_up_at(session: AsyncSession, topic: str) -> datetime | None:
    """Up to when this service knows everything that a topic's owner recorded; None where it does not know."""
    moments = [item.caught_up_at for item in await progress(session, own=True) if item.topic == topic]
    return None if not moments or None in moments else min(moment for moment in moments if moment)


@lru_cache(maxsize=64)
def _least(progress_: Table) -> Prepared[datetime | None]:
    return Prepared(select(func.min(progress_.c.caught_up_at)).where(is_own(progress_)))


async def as_of(session: AsyncSession, now: datetime) -> datetime:
    """Up to when everything that other services recorded has arrived here: the `as_of` of what follows by message."""
    mark = await _least(_tables(session).consumer_progress).one(session)
    return min(now, mark) if mark is not None else now
