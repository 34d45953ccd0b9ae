"""How the relay takes messages out of the outbox, being the only one that does.

PostgreSQL: everything happens on one dedicated connection that holds a session advisory lock. Losing the connection is losing
the lock, and a relay without it can neither read nor delete, so each read is also the check that the lock is still held.
SQLite: the process that owns the data directory is alone by that.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Protocol

from sqlalchemy import Table, bindparam, delete, event, func, literal, select
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.context import SessionContext
from chassis.database.engine import Database, bounded, keep_alive
from chassis.database.sessions import Session
from chassis.database.statements import Prepared

LEASE_SECONDS = 15
"""PostgreSQL ends the session of a relay that was silent for so long, so that another may take over from a frozen one."""
_LOCK_KEY = 0x71786F7574626F78  # "qxoutbox"; advisory locks belong to one database, and each service has its own
_TAKE: Prepared[bool] = Prepared(select(func.pg_try_advisory_lock(literal(_LOCK_KEY))))
_ALIVE: Prepared[int] = Prepared(select(literal(1)))


class Outlet(Protocol):
    """The outbox, for one relay."""

    async def take(self) -> bool:
        """Hold it from now on; False while another relay does."""

    async def read(self, limit: int) -> Sequence[Any]:
        """The lowest rows in order; no transaction stays open."""

    async def delete(self, sequences: Sequence[int]) -> None:
        """Delete exactly these in one transaction.

        Never a range: a row with a lower number may become visible after the read, when a slower transaction commits.
        """

    async def still_held(self) -> None:
        """Keep the lease; raises when it is lost."""


@asynccontextmanager
async def outlet_of(database: Database) -> AsyncIterator[Outlet]:
    """The outlet of one relay, which lets go of it at the end."""
    if database.is_sqlite:
        yield SqliteOutlet(database)
        return
    engine = create_async_engine(
        database.url,
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
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
    session = Session(engine, SessionContext(tables=database.tables))
    try:
        yield PostgresOutlet(session, database.tables.messaging.outbox)
    finally:
        await session.leave()
        await engine.dispose()


class _Statements:
    """Of one outbox."""

    def __init__(self, outbox: Table) -> None:
        self.lowest: Prepared[Any] = Prepared(select(outbox).order_by(outbox.c.seq).limit(bindparam("limit")))
        self.delete: Prepared[Any] = Prepared(lambda on: delete(outbox).where(on.among(outbox.c.seq, "sequences")))


class PostgresOutlet:
    """The outbox through the connection that holds the lock."""

    def __init__(self, session: AsyncSession, outbox: Table) -> None:
        self._session = session
        self._statements = _Statements(outbox)

    async def take(self) -> bool:
        return await _TAKE.one(self._session)

    async def read(self, limit: int) -> Sequence[Any]:
        return await self._statements.lowest.all(self._session, limit=limit)

    async def delete(self, sequences: Sequence[int]) -> None:
        await self._statements.delete.run(self._session, sequences=list(sequences))

    async def still_held(self) -> None:
        await _ALIVE.one(self._session)


class SqliteOutlet:
    """The outbox of a file that this process owns."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._statements = _Statements(database.tables.messaging.outbox)

    async def take(self) -> bool:
        """The data directory is held by this process for its life, and the outbox by this relay."""
        return True

    async def read(self, limit: int) -> Sequence[Any]:
        async with self._database.reading() as session:
            return await self._statements.lowest.all(session, limit=limit)

    async def delete(self, sequences: Sequence[int]) -> None:
        async with self._database.transaction() as session:
            await self._statements.delete.run(session, sequences=sequences)

    async def still_held(self) -> None:
        """As `take`."""
