"""How the relay takes messages out of the outbox, being the only one that does.

PostgreSQL: everything happens on one dedicated connection that holds a session advisory lock. Losing the connection is losing
the lock, and a relay without it can neither read nor delete, so each read is also the check that the lock is still held.
SQLite: the process that owns the data directory is alone by that.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Protocol

from sqlalchemy import Row, Select, bindparam, delete, event, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool
from sqlalchemy.sql import func

from chassis.database.engine import Database, bounded, keep_alive
from chassis.database.types import Sequence64

LEASE_SECONDS = 15
"""PostgreSQL ends the session of a relay that was silent for so long, so that another may take over from a frozen one."""
_LOCK_KEY = 0x71786F7574626F78  # "qxoutbox"; advisory locks belong to one database, and each service has its own


class Outlet(Protocol):
    """The outbox, held by one relay."""

    async def read(self, limit: int) -> Sequence[Row[Any]]:
        """The lowest rows in order; no transaction stays open."""

    async def delete(self, sequences: Sequence[int]) -> None:
        """Delete exactly these in one transaction.

        Never a range: a row with a lower number may become visible after the read, when a slower transaction commits.
        """

    async def still_held(self) -> None:
        """Keep the lease; raises when it is lost."""


@asynccontextmanager
async def hold_outlet(database: Database) -> AsyncIterator[Outlet | None]:
    """The outlet, or None while another relay holds it."""
    if database.is_sqlite:
        yield SqliteOutlet(database)
        return
    engine = create_async_engine(
        database.url,
        poolclass=NullPool,
        hide_parameters=True,
        connect_args=bounded(
            idle_session_timeout=f"{LEASE_SECONDS}s",
            # A machine that vanishes says no goodbye; without these its lock would live on for two hours.
            tcp_keepalives_idle="5",
            tcp_keepalives_interval="2",
            tcp_keepalives_count="3",
        ),
    )
    event.listen(engine.sync_engine, "connect", keep_alive)
    try:
        async with engine.connect() as raw:
            connection = await raw.execution_options(isolation_level="AUTOCOMMIT")
            locked = await connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": _LOCK_KEY})
            yield PostgresOutlet(database, connection) if locked else None
    finally:
        await engine.dispose()


def _lowest(database: Database, limit: int) -> Select[Any]:
    outbox = database.tables.messaging.outbox
    return select(outbox).order_by(outbox.c.seq).limit(limit)


class PostgresOutlet:
    """The outbox through the connection that holds the lock."""

    def __init__(self, database: Database, connection: AsyncConnection) -> None:
        self._database = database
        self._connection = connection
        outbox = database.tables.messaging.outbox
        numbers = bindparam("sequences", type_=ARRAY(Sequence64))
        self._delete = delete(outbox).where(outbox.c.seq == func.any(numbers))

    async def read(self, limit: int) -> Sequence[Row[Any]]:
        rows: Sequence[Row[Any]] = (await self._connection.execute(_lowest(self._database, limit))).all()
        return rows

    async def delete(self, sequences: Sequence[int]) -> None:
        await self._connection.execute(self._delete, {"sequences": list(sequences)})

    async def still_held(self) -> None:
        await self._connection.execute(text("SELECT 1"))


class SqliteOutlet:
    """The outbox of a file that this process owns."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def read(self, limit: int) -> Sequence[Row[Any]]:
        async with self._database.reading() as session:
            connection = await session.connection()
            rows: Sequence[Row[Any]] = (await connection.execute(_lowest(self._database, limit))).all()
        return rows

    async def delete(self, sequences: Sequence[int]) -> None:
        outbox = self._database.tables.messaging.outbox
        async with self._database.transaction() as session:
            connection = await session.connection()
            await connection.execute(delete(outbox).where(outbox.c.seq.in_(sequences)))

    async def still_held(self) -> None:
        """The data directory is held by this process for its life."""
