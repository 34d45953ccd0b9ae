"""Room for what is live: history is written into the outbox only as long as little waits there to be published."""

from asyncio import sleep
from collections.abc import AsyncIterator
from functools import lru_cache
from typing import Any

from sqlalchemy import Table, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.context import context_of
from chassis.database.engine import Database
from chassis.database.statements import Prepared, bindparam

LOOK_SECONDS = 0.1
STILL_SECONDS = 15.0
"""How long an outbox from which nothing is taken is waited for by who has no job that says so."""


async def is_full(session: AsyncSession, rows: int) -> bool:
    """Whether so many messages wait to be published."""
    return await _nth(session, rows) is not None


async def waits_for_room(database: Database, rows: int) -> AsyncIterator[bool]:
    """Yields for each look that finds no room; whether anything was taken from the outbox since the look before."""
    lowest: Any = None
    while True:
        async with database.reading(primary=True) as session:
            if not await is_full(session, rows):
                return
            first = await _nth(session, 1)
        yield first != lowest
        lowest = first
        await sleep(LOOK_SECONDS)


async def _nth(session: AsyncSession, number: int) -> Any:
    rows = await _ordered(context_of(session).tables.messaging.outbox).all(session, before=number - 1)
    return rows[0] if rows else None


@lru_cache(maxsize=64)
def _ordered(outbox: Table) -> Prepared[Any]:
    return Prepared(select(outbox.c.seq).order_by(outbox.c.seq).offset(bindparam("before")).limit(1))
