"""SQLite in the event loop: what is short runs in place, what may take long runs in a thread.

A statement by key takes SQLite some 20 µs; handing it to a thread and its rows back takes ten times as long. So it runs where it is
asked for. A commit waits for the disk and always goes to the thread; a read that is not done after a few milliseconds is broken off
and made again there; and whatever took long goes there at once for the next minute. Decision 0021 has the measurements.
"""

import asyncio
import math
import sqlite3
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import event, pool
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.util.concurrency import await_, in_greenlet

from chassis.threads import WorkerThread

ResultT = TypeVar("ResultT")
Rows = list[tuple[Any, ...]]

BUSY_SECONDS = 5.0
"""How long a statement in the thread waits for a lock of another process; in place none is waited for."""
LONGEST_READ = 0.005
"""Seconds after which a read in place is broken off."""
LONG = 0.002
"""Seconds from which on a statement counts as long."""
LONG_FOR = 60.0
MANY_PARAMETERS = 300
"""With so many a statement writes many rows: never in place."""
_REMEMBERED = 500
_STEPS = 5000
"""Of SQLite's machine, between two looks at the clock: some tenths of a millisecond."""
_AGAIN = frozenset({sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})


class _Now:
    """Something to await that is there at once: SQLAlchemy's asyncio side wants to have awaited."""

    def __await__(self) -> Any:
        return iter(())


_NOW = _Now()


class InPlaceConnection(sqlite3.Connection):
    """A connection for one event loop. A statement is read to its end before anything else is done with the connection.

    A statement whose caller went away while it was in the thread is waited for by the next one: the thread works in order.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._thread: WorkerThread | None = None
        self._sent = 0
        self._finished = 0
        self._long: dict[str, float] = {}
        self._until = math.inf
        self._closing: asyncio.Future[None] | None = None
        self.reads_only = False
        self.held = False
        """Whether a session has it: then the transaction is the session's, whatever SQLAlchemy says."""

    # --- for statements built once: see chassis.database.statements ---

    async def fetch(self, sql: str, parameters: Sequence[Any]) -> Rows:
        """All rows of one statement."""
        return (await self._run(sql, parameters, _fetch))[0]

    async def execute_one(self, sql: str, parameters: Sequence[Any]) -> int:
        """Run a statement without rows; how many rows it touched."""
        return (await self._run(sql, parameters, _fetch))[1].rowcount

    async def execute_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run a statement once for each row of parameters."""
        await self._run(sql, rows, _many)

    async def begin(self) -> None:
        """Begin to write, being the only one who does; who only reads begins nothing."""
        self.held = True
        if not self.reads_only and not self.in_transaction:
            await self._run("BEGIN IMMEDIATE", (), _fetch)

    async def end(self, *, commit: bool) -> None:
        """End what was begun, if anything was; a commit waits for the disk in the thread."""
        self.held = False
        if commit:
            await self.in_thread(super().commit)
        elif self._waits:
            await self.in_thread(super().rollback)
        else:
            super().rollback()

    async def closed(self) -> None:
        """Wait until a connection that was given up has let go of its locks."""
        if self._closing is not None:
            await asyncio.shield(self._closing)

    # --- for SQLAlchemy, in its greenlet ---

    def cursor(self, factory: Any = None) -> Any:
        return _Cursor(self)

    def commit(self) -> None:
        if self.in_transaction or self._waits:
            await_(self.in_thread(super().commit))

    def rollback(self) -> None:
        if self._waits:
            await_(self.in_thread(super().rollback))
        else:
            super().rollback()

    def close(self) -> None:
        thread = self._thread
        if thread is None or not (self._waits or in_greenlet()):
            self._let_go()
            if thread is not None:
                thread.stop()
            return
        # After what may still be going on there.
        self._closing = thread.run(self._let_go)
        thread.stop()
        if in_greenlet():
            await_(asyncio.shield(self._closing))

    def _let_go(self) -> None:
        """Close, and undo what was begun: SQLite keeps its locks as long as anything still refers to one of the statements."""
        try:
            super().rollback()
        finally:
            super().close()

    # --- where a statement runs ---

    @property
    def _waits(self) -> bool:
        """Whether something sent to the thread is not done yet. Each number has one writer: the loop, the thread."""
        return self._sent != self._finished

    def run_in_greenlet(self, sql: str, parameters: Any, work: "Work") -> tuple[Rows, sqlite3.Cursor]:
        """As `_run`, for SQLAlchemy."""
        if not self._goes_to_thread(sql, parameters):
            try:
                return self._in_place(sql, parameters, work)
            except sqlite3.OperationalError as error:
                if not self._may_run_again(sql, error):
                    raise
        return await_(self._patiently(sql, parameters, work))

    async def _run(self, sql: str, parameters: Any, work: "Work") -> tuple[Rows, sqlite3.Cursor]:
        if not self._goes_to_thread(sql, parameters):
            try:
                return self._in_place(sql, parameters, work)
            except sqlite3.OperationalError as error:
                if not self._may_run_again(sql, error):
                    raise
        return await self._patiently(sql, parameters, work)

    def _goes_to_thread(self, sql: str, parameters: Any) -> bool:
        until = self._long.get(sql)
        return self._waits or len(parameters) > MANY_PARAMETERS or (until is not None and until > _clock())

    def _in_place(self, sql: str, parameters: Any, work: "Work") -> tuple[Rows, sqlite3.Cursor]:
        began = _clock()
        if self.reads_only:
            self._until = began + LONGEST_READ
        found = work(self, sql, parameters)
        if _clock() - began > LONG:
            self._remember(sql)
        return found

    def _may_run_again(self, sql: str, error: sqlite3.OperationalError) -> bool:
        """Whether a statement that failed in place did nothing yet and is to run in the thread."""
        if error.sqlite_errorcode not in _AGAIN:
            return False
        if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
            self._remember(sql)
        return True

    async def _patiently(self, sql: str, parameters: Any, work: "Work") -> tuple[Rows, sqlite3.Cursor]:
        def patient() -> tuple[tuple[Rows, sqlite3.Cursor], float]:
            # Looking up takes the interpreter's lock, for which the event loop makes a thread wait: so it is done seldom.
            self.set_progress_handler((lambda: self._closing is not None) if self.reads_only else None, 100 * _STEPS)
            began = _clock()
            _fetch(self, f"PRAGMA busy_timeout={int(BUSY_SECONDS * 1000)}", ())
            try:
                return work(self, sql, parameters), _clock() - began
            finally:
                _fetch(self, "PRAGMA busy_timeout=0", ())
                self.look_at_the_clock()

        found, seconds = await self.in_thread(patient)
        if seconds < LONG / 2:
            self._long.pop(sql, None)
        return found

    async def in_thread(self, work: Callable[[], ResultT]) -> ResultT:
        """The result of work made in the connection's thread, behind what was sent there before."""
        if self._thread is None:
            self._thread = WorkerThread("sqlite")
        self._sent += 1

        def counted() -> ResultT:
            try:
                return work()
            finally:
                # Here and not where it is awaited: whoever awaits may go away, the thread works on.
                self._finished += 1

        return await self._thread.run(counted)

    def _remember(self, sql: str) -> None:
        if len(self._long) >= _REMEMBERED:
            self._long.clear()
        self._long[sql] = _clock() + LONG_FOR

    def look_at_the_clock(self) -> None:
        """Have SQLite break off a read in place that is late."""
        if self.reads_only:
            self.set_progress_handler(lambda: _clock() > self._until, _STEPS)


class _Cursor(sqlite3.Cursor):
    """What SQLAlchemy sees: a cursor whose rows are all there when `execute` returns."""

    connection: InPlaceConnection
    _description: Any = None

    def __init__(self, connection: InPlaceConnection) -> None:
        super().__init__(connection)
        self._rows: deque[tuple[Any, ...]] = deque()
        self._done: sqlite3.Cursor | None = None

    def execute(self, sql: str, parameters: Any = ()) -> "_Cursor":
        return self._take(self.connection.run_in_greenlet(sql, parameters, _fetch))

    def executemany(self, sql: str, parameters: Iterable[Any]) -> "_Cursor":
        return self._take(self.connection.run_in_greenlet(sql, list(parameters), _many))

    def _take(self, found: tuple[Rows, sqlite3.Cursor]) -> "_Cursor":
        self._rows, self._done = deque(found[0]), found[1]
        if in_greenlet():
            await_(_NOW)
        return self

    @property
    def description(self) -> Any:
        return self._done.description if self._done is not None else None

    @property
    def rowcount(self) -> int:
        return self._done.rowcount if self._done is not None else -1

    @property
    def lastrowid(self) -> int | None:
        return self._done.lastrowid if self._done is not None else None

    async def _async_soft_close(self) -> None:
        """SQLAlchemy asks for it when rows are read outside its greenlet; ours wait for nothing."""

    def fetchone(self) -> Any:
        return self._rows.popleft() if self._rows else None

    def fetchmany(self, size: int | None = None) -> Any:
        return [self._rows.popleft() for _ in range(min(size or self.arraysize, len(self._rows)))]

    def fetchall(self) -> Any:
        rows = list(self._rows)
        self._rows.clear()
        return rows


Work = Callable[[InPlaceConnection, str, Any], tuple[Rows, sqlite3.Cursor]]


def _fetch(connection: InPlaceConnection, sql: str, parameters: Any) -> tuple[Rows, sqlite3.Cursor]:
    cursor = sqlite3.Connection.cursor(connection, sqlite3.Cursor)
    cursor.execute(sql, parameters)
    return cursor.fetchall(), cursor


def _many(connection: InPlaceConnection, sql: str, rows: Any) -> tuple[Rows, sqlite3.Cursor]:
    cursor = sqlite3.Connection.cursor(connection, sqlite3.Cursor)
    cursor.executemany(sql, rows)
    return [], cursor


_clock = time.perf_counter


def connect(path: str, *, reads_only: bool) -> InPlaceConnection:
    """A connection to a file in write-ahead mode, synced to the disk at each commit."""
    connection = sqlite3.connect(
        path,
        # The driver would open transactions by itself, deferred, which lets two writers read before either writes.
        isolation_level=None,
        check_same_thread=False,
        timeout=BUSY_SECONDS,
        cached_statements=500,
        factory=InPlaceConnection,
    )
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=0"):
        _fetch(connection, f"PRAGMA {pragma}", ())
    if reads_only:
        _fetch(connection, "PRAGMA query_only=ON", ())
        connection.reads_only = True
        connection.look_at_the_clock()
    return connection


class InPlaceDialect(SQLiteDialect_pysqlite):
    """SQLAlchemy's SQLite on such connections."""

    driver = "inplace"
    is_async = True
    supports_statement_cache = True

    @classmethod
    def get_pool_class(cls, url: Any) -> type[pool.Pool]:
        return pool.AsyncAdaptedQueuePool

    def do_commit(self, dbapi_connection: Any) -> None:
        if not dbapi_connection.held:
            dbapi_connection.commit()

    def do_rollback(self, dbapi_connection: Any) -> None:
        if not dbapi_connection.held:
            dbapi_connection.rollback()


registry.register("sqlite.inplace", "chassis.database.sqlite", "InPlaceDialect")


def engine(url: URL, *, size: int, wait_seconds: float, reads_only: bool, **options: Any) -> AsyncEngine:
    """SQLAlchemy's engine on such connections to the file of `url`, whatever driver it names."""
    path = url.database or ":memory:"
    if path != ":memory:":
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    made = create_async_engine(
        url.set(drivername="sqlite+inplace"),
        creator=lambda: connect(path, reads_only=reads_only),
        pool_size=size,
        max_overflow=0,
        pool_timeout=wait_seconds,
        **options,
    )

    @event.listens_for(made.sync_engine, "begin")
    def begin(connection: Any) -> None:
        if not reads_only and not connection.connection.driver_connection.held:
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return made
