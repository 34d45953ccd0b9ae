"""The one connection that a session holds, for statements built once as for the ORM.

The transaction is ours: SQLAlchemy is told that the connection commits by itself.
"""

import logging
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any, NoReturn, Protocol

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import MissingGreenlet
from sqlalchemy.pool import NullPool, PoolProxiedConnection, QueuePool
from sqlalchemy.util.concurrency import await_, greenlet_spawn

logger = logging.getLogger(__name__)


class Driver(Protocol):
    """A connection as its driver has it."""

    async def fetch(self, sql: str, parameters: Sequence[Any]) -> Sequence[Sequence[Any]]:
        """All rows of one statement."""

    async def execute_one(self, sql: str, parameters: Sequence[Any]) -> int:
        """Run a statement whose rows nobody wants; how many it touched."""

    async def execute_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run a statement once for each row of parameters."""

    async def begin(self) -> None:
        """Begin a transaction."""

    async def end(self, *, commit: bool) -> None:
        """End it, if there is one."""

    async def closed(self) -> None:
        """Wait for the end of a connection that was given up."""


class PostgresDriver:
    """asyncpg's connection, which prepares the statements it is given and keeps them."""

    def __init__(self, connection: Any, *, writes: bool, patience: float | None) -> None:
        self._connection = connection
        self._writes = writes
        self._patience = patience

    async def fetch(self, sql: str, parameters: Sequence[Any]) -> Sequence[Sequence[Any]]:
        rows: Sequence[Sequence[Any]] = await self._connection.fetch(sql, *parameters)
        return rows

    async def execute_one(self, sql: str, parameters: Sequence[Any]) -> int:
        status: str = await self._connection.execute(sql, *parameters)
        number = status.rpartition(" ")[2]
        return int(number) if number.isdecimal() else 0

    async def execute_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        await self._connection.executemany(sql, rows)

    async def copy(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Write rows by PostgreSQL's COPY."""
        await self._connection.copy_records_to_table(table, columns=columns, records=rows)

    async def begin(self) -> None:
        if self._writes:
            patience = "" if self._patience is None else f"; SET LOCAL lock_timeout = '{self._patience * 1000:.0f}ms'"
            await self._connection.execute("BEGIN" + patience)

    async def end(self, *, commit: bool) -> None:
        if self._writes:
            await self._connection.execute("COMMIT" if commit else "ROLLBACK")

    async def closed(self) -> None:
        """The server ends its session by itself."""


class Holding:
    """The connection of one session, from its first statement to its end."""

    def __init__(self, engine: Engine, *, writes: bool, patience: float | None) -> None:
        self.engine = engine
        self._writes = writes
        self._patience = patience
        self._ready = self._committed = False
        self._lost: BaseException | None = None
        self._proxied: PoolProxiedConnection | None = None
        self._driver: Driver | None = None
        self._connection: Connection | None = None

    @property
    def used_by_sqlalchemy(self) -> bool:
        """Whether the ORM has it, too."""
        return self._connection is not None

    async def driver(self) -> Driver:
        """The driver's side. The connection comes from the pool, and its transaction begins, when this is first asked for."""
        if self._lost is not None:
            raise self._lost
        if self._ready and self._driver is not None:
            return self._driver
        driver = await self._take_soon()
        await self._begin(driver)
        return driver

    def connection(self) -> Connection:
        """SQLAlchemy's side, to be asked for in its greenlet."""
        if self._connection is None:
            if not self._ready:
                await_(self._begin(self._take()))
            self._connection = Connection(self.engine, connection=self._proxied)
        return self._connection

    async def _take_soon(self) -> Driver:
        # To wait for a connection, or to make one, takes SQLAlchemy's greenlet; not so to take one that is free.
        if isinstance(self.engine.pool, QueuePool) and self.engine.pool.checkedin():
            with suppress(MissingGreenlet):
                return self._take()
        return await greenlet_spawn(self._take)

    def _take(self) -> Driver:
        dialect = self.engine.dialect
        try:
            self._proxied = self.engine.raw_connection()
        except dialect.loaded_dbapi.Error as error:
            Connection._handle_dbapi_exception_noconnection(error, dialect, self.engine)  # noqa: SLF001
            raise
        driver: Any = self._proxied.driver_connection
        if dialect.name == "postgresql":
            driver = PostgresDriver(driver, writes=self._writes, patience=self._patience)
        self._driver = driver
        return self._driver

    async def _begin(self, driver: Driver) -> None:
        try:
            await driver.begin()
        except BaseException as error:  # noqa: BLE001 - see `fail`
            self.fail(error, "BEGIN")
        self._ready = True

    def fail(self, error: BaseException, sql: str) -> NoReturn:
        """Raise for what a driver raised what SQLAlchemy would raise, and give up a connection that is lost.

        A cancelled statement loses it, too: nobody knows when it would be of use again.
        """
        proxied = self._proxied
        if proxied is None or _is_lost(proxied):
            raise error
        connection = self._connection or Connection(self.engine, connection=proxied)
        try:
            if self.engine.dialect.name == "postgresql" and isinstance(error, Exception):
                # asyncpg's errors under the names that SQLAlchemy has for them.
                proxied.dbapi_connection._handle_exception(error)  # type: ignore[union-attr]  # noqa: SLF001
            raise error
        except BaseException as known:  # noqa: BLE001 - it is raised again
            text = sql if isinstance(known, self.engine.dialect.loaded_dbapi.Error) else None
            try:
                connection._handle_dbapi_exception(known, text, None, None, None)  # noqa: SLF001
            except BaseException as raised:
                self._lost = raised if _is_lost(proxied) else None
                raise

    async def commit(self) -> None:
        """Commit what was begun, if anything was."""
        if self._driver is None:
            return
        try:
            await self._driver.end(commit=True)
        except BaseException as error:  # noqa: BLE001 - see `fail`
            self.fail(error, "COMMIT")
        self._committed = True

    async def release(self) -> None:
        """Undo what was not committed, and give the connection back."""
        proxied, driver = self._proxied, self._driver
        if proxied is None or driver is None:
            return
        if _is_lost(proxied):
            await driver.closed()
        elif not self._committed:
            try:
                await driver.end(commit=False)
            except Exception as error:  # noqa: BLE001 - broken in whatever way, nobody is to get it any more
                logger.info("a connection is given up: %s", type(error).__name__)
                proxied.invalidate(error)
        if self._connection is not None:
            await greenlet_spawn(self._connection.close)
        elif isinstance(self.engine.pool, NullPool):
            await greenlet_spawn(proxied.close)
        else:
            # A pool with a place for every connection it made takes it back without waiting for anything.
            proxied.close()
        self._proxied = self._driver = self._connection = None


class OnDriver(Protocol):
    """A session whose statements may go past SQLAlchemy."""

    holding: Holding

    async def driver(self) -> Driver:
        """The driver, once everything that was to be written before is written."""

    def kept(self, parts: Sequence[type[Any] | None], rows: list[Any], *, again: bool) -> list[Any]:
        """The rows with entities that the session may change."""


def _is_lost(proxied: PoolProxiedConnection) -> bool:
    return not proxied.is_valid
