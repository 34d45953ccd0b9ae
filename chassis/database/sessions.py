"""Sessions: the one connection that a unit of work holds, for statements built once as for the ORM.

A statement built once (`chassis.database.statements`) goes straight to the driver; SQLAlchemy's way to it takes five to ten times
as long. The ORM works beside it in the same transaction and costs nothing where nobody asks it. The transaction is ours:
SQLAlchemy is told that the connection commits by itself.
"""

import logging
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any, NoReturn, Protocol, cast

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import MissingGreenlet
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.ext.asyncio import AsyncSession as SqlAlchemyAsyncSession
from sqlalchemy.orm import Session as SqlAlchemySession
from sqlalchemy.pool import NullPool, PoolProxiedConnection, QueuePool
from sqlalchemy.util.concurrency import await_, greenlet_spawn, in_greenlet
from sqlmodel import Session as SyncSession
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.context import SessionContext

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


def _is_lost(proxied: PoolProxiedConnection) -> bool:
    return not proxied.is_valid


class _SyncSession(SyncSession):
    execute = SqlAlchemySession.execute
    holding: Holding

    def get_bind(self, *_arguments: Any, **_options: Any) -> Engine | Connection:
        return self.holding.connection() if in_greenlet() else self.holding.engine


_OF_SQLALCHEMY = frozenset({"sync_session", "_proxied", "_async_bind", "_async_binds"})
"""What SQLAlchemy's session consists of."""


class Session(AsyncSession):
    """SQLModel's session on a connection of ours.

    `execute` is SQLAlchemy's own: SQLModel warns of it, since it returns rows where `exec` unpacks them.
    """

    sync_session_class = _SyncSession
    sync_session: _SyncSession
    execute = SqlAlchemyAsyncSession.execute

    def __init__(self, engine: AsyncEngine, context: SessionContext, *, patience: float | None = None) -> None:
        """`patience` is how many seconds it waits on PostgreSQL for a row that others have locked, unless as long as the engine says."""
        # Not yet as SQLAlchemy's session: most never need to be that.
        self._engine = engine
        self._info: dict[Any, Any] = {"context": context}
        self.holding = Holding(engine.sync_engine, writes=context.writes, patience=patience)

    def __getattr__(self, name: str) -> Any:
        if name not in _OF_SQLALCHEMY:
            raise AttributeError(name)
        context: SessionContext = self._info["context"]
        super().__init__(self._engine, expire_on_commit=False, autoflush=context.writes, info=self._info)
        self.sync_session.holding = self.holding
        return self.__dict__[name]

    @property
    def info(self) -> dict[Any, Any]:
        """What the session knows; see `context_of`."""
        return self._info

    async def driver(self) -> Driver:
        """For statements that go past the ORM; what it has not yet written is written first."""
        await self.write()
        return await self.holding.driver()

    async def write(self) -> None:
        """Write what the ORM has not yet written."""
        if "sync_session" in self.__dict__ and not self.sync_session._is_clean():  # noqa: SLF001
            await self.flush()

    async def leave(self) -> None:
        """End the session; what was not committed is undone."""
        try:
            if self.holding.used_by_sqlalchemy:
                await self.close()
        finally:
            await self.holding.release()


async def written(session: AsyncSession) -> None:
    """Have the ORM write now what it would write before the next statement."""
    own = cast("Session", session)
    await own.write()
