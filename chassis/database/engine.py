"""One service's database in this process: sessions that write, sessions that read.

PostgreSQL gets two pools of connections, the second optionally on a replica. Sessions that read commit each statement by
itself: at PostgreSQL's default isolation each sees its own moment anyway, and two round trips are saved. SQLite gets one writer connection behind an asyncio lock and a
few readers: its file has one writer at a time whatever we do, so waiting in our own queue, with a limit, beats
`database is locked` errors at random.
"""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cached_property
from typing import Any

import asyncpg
import orjson
from sqlalchemy import event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import MissingGreenlet
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.util.concurrency import in_greenlet
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.clock import system_clock
from chassis.database import sqlite
from chassis.database.base import ServiceTables
from chassis.database.context import SYSTEM_ACTOR, SessionContext
from chassis.database.errors import answer_was_lost
from chassis.database.lines import Lines, waits_a_moment_only
from chassis.database.sessions import Session
from chassis.problems import OUTCOME_UNKNOWN, UNAVAILABLE
from chassis.trace import traceparent_var
from chassis.turns import come_round
from chassis.waking import Bell

STATEMENT_SECONDS = 15.0
"""The longest wait for a statement or its answer. A job's step asks for more if it needs it."""
ROW_WAIT_SECONDS = 2.0
"""The longest wait for a row that somebody else has locked: well below what a connection is waited for."""
MOMENT_SECONDS = 0.1
"""What a request waits for it in the database. After that it gives back its connection and waits in line (`chassis.database.lines`)."""
CONNECT_SECONDS = 5.0
KEEPALIVE = {"TCP_KEEPIDLE": 10, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 15_000}
"""Of connections to PostgreSQL, in seconds (the last in milliseconds): a peer that went away in silence is noticed."""
WRITER_WAIT_SECONDS = 5.0
POOL_WAIT_SECONDS = 5.0
SQLITE_READERS = 4


class Database:
    """The engines and sessions of one service.

    `outbox_filled`, `jobs_changed` and `timers_changed` are set, and `errands` rings, after a commit that gave a relay, a runner of
    jobs, the timers or the errands in the same process work.
    """

    def __init__(
        self,
        url: str,
        tables: ServiceTables,
        *,
        replica_url: str | None = None,
        pool_size: int = 10,
        runtime: Any = None,
    ) -> None:
        self.url: URL = make_url(url)
        self.tables = tables
        self.runtime = runtime
        self.outbox_filled = asyncio.Event()
        self.jobs_changed = asyncio.Event()
        self.timers_changed = asyncio.Event()
        self.errands = Bell()
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.lines = Lines(needed=not self.is_sqlite)
        self._writer_lock = asyncio.Lock() if self.is_sqlite else None
        if self.is_sqlite:
            self.writer = _sqlite_engine(self.url, size=1, reads_only=False)
            self.reader = _sqlite_engine(self.url, size=SQLITE_READERS, reads_only=True)
        else:
            self.writer = _postgres_engine(self.url, pool_size=pool_size)
            read_from = make_url(replica_url) if replica_url else self.url
            self.reader = _postgres_engine(read_from, pool_size=pool_size, read_only=True)

    @cached_property
    def _writing(self) -> AsyncEngine:
        """For sessions, which begin and commit by themselves."""
        return self.writer if self.is_sqlite else self.writer.execution_options(isolation_level="AUTOCOMMIT")

    @asynccontextmanager
    async def transaction(
        self, *, actor: str = SYSTEM_ACTOR, request_id: str | None = None, traceparent: str | None = None
    ) -> AsyncIterator[AsyncSession]:
        """A session whose work is committed when the block ends, or undone when it raises.

        Its messages carry `traceparent`, by default that of the request in hand.

        Raises `UNAVAILABLE` (503) when SQLite's one writer stays busy for 5 s, `OUTCOME_UNKNOWN` (504) when the database was lost
        between being told to commit and saying that it did.
        """
        context = SessionContext(
            tables=self.tables,
            actor=actor,
            request_id=request_id,
            traceparent=traceparent or traceparent_var.get(),
            writes=True,
            began_at=system_clock(),
            runtime=self.runtime,
        )
        await self._take_writer()
        try:
            patience = None if waits_a_moment_only() else ROW_WAIT_SECONDS
            session = Session(self._writing, context, patience=patience)
            ready = False
            try:
                yield session
                ready = True
                await _commit(session)
            except BaseException:
                # To its end also when the task is cancelled: what was not committed is undone.
                await asyncio.shield(self._left(session, context, wakes=ready))
                raise
            await self._left(session, context, wakes=True)
        finally:
            self._leave_writer()
        come_round()

    async def _left(self, session: Session, context: SessionContext, *, wakes: bool) -> None:
        """End a session that writes and, once a commit was tried, wake who has work by it: nobody may have heard that it was done."""
        try:
            await session.leave()
        finally:
            if wakes and context.emitted:
                self.outbox_filled.set()
            if wakes and context.job_started:
                self.jobs_changed.set()
            if wakes and context.timer_set:
                self.timers_changed.set()
            if wakes and context.errand_left:
                self.errands.ring()

    @asynccontextmanager
    async def reading(
        self, *, actor: str = SYSTEM_ACTOR, request_id: str | None = None, primary: bool = False
    ) -> AsyncIterator[AsyncSession]:
        """A session that only reads; it never queues behind writers and, unless it asks for the `primary`, a replica may serve it."""
        context = SessionContext(tables=self.tables, actor=actor, request_id=request_id, runtime=self.runtime)
        session = Session(self._writing if primary and not self.is_sqlite else self.reader, context)
        try:
            yield session
        except BaseException:
            await asyncio.shield(session.leave())
            raise
        await session.leave()
        come_round()

    @asynccontextmanager
    async def exclusive(self, *, wait_seconds: float = 60.0) -> AsyncIterator[None]:
        """Keep every writer of this process out while the block runs; SQLite's files have no writers but this process.

        Writers wait 5 s at most, so keep it short; hold several databases in one order. Raises TimeoutError when the writer
        before us does not end. On PostgreSQL, which has locks of its own for this, it does nothing.
        """
        if self._writer_lock is None:
            yield
            return
        async with asyncio.timeout(wait_seconds):
            await self._writer_lock.acquire()
        try:
            yield
        finally:
            self._writer_lock.release()

    async def dispose(self) -> None:
        """Close every connection."""
        await self.writer.dispose()
        await self.reader.dispose()

    async def _take_writer(self) -> None:
        if self._writer_lock is None:
            return
        try:
            async with asyncio.timeout(WRITER_WAIT_SECONDS):
                await self._writer_lock.acquire()
        except TimeoutError:
            raise UNAVAILABLE(
                "The database is busy with other changes.", "数据库正忙于处理其他更改。", retry_after=1
            ) from None

    def _leave_writer(self) -> None:
        if self._writer_lock is not None:
            self._writer_lock.release()


async def _commit(session: Session) -> None:
    """Commit, and tell apart what failed before it, when nothing was done, from what was lost with the answer to it."""
    # What the session still has to write is written first: its errors are those of statements, not of the commit.
    await session.write()
    try:
        await session.holding.commit()
    except Exception as error:
        if answer_was_lost(error):
            raise OUTCOME_UNKNOWN() from error
        raise


def _json_dumps(value: Any) -> str:
    return orjson.dumps(value).decode()


def _sqlite_engine(url: URL, *, size: int, reads_only: bool) -> AsyncEngine:
    return sqlite.engine(
        url,
        size=size,
        wait_seconds=POOL_WAIT_SECONDS,
        reads_only=reads_only,
        json_serializer=_json_dumps,
        json_deserializer=orjson.loads,
        # An error's parameters are people's names, phones and answers: they belong in no log.
        hide_parameters=True,
    )


def _postgres_engine(url: URL, *, pool_size: int, read_only: bool = False) -> AsyncEngine:
    moment = f"{MOMENT_SECONDS * 1000:.0f}ms"
    session = {"default_transaction_read_only": "on"} if read_only else {"lock_timeout": moment}
    engine = create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=POOL_WAIT_SECONDS,
        pool_pre_ping=False,
        pool_recycle=1800,
        json_serializer=_json_dumps,
        json_deserializer=orjson.loads,
        # An error's parameters are people's names, phones and answers: they belong in no log.
        hide_parameters=True,
        # The first of SQLAlchemy's way to the driver, the second of ours.
        connect_args={**bounded(**session), "prepared_statement_cache_size": 500, "statement_cache_size": 500},
        **({"isolation_level": "AUTOCOMMIT"} if read_only else {}),
    )
    event.listen(engine.sync_engine, "connect", keep_alive)
    event.listen(engine.sync_engine, "handle_error", _let_go_of_silent)
    return engine


def _connect(*arguments: Any, **options: Any) -> Any:
    if not in_greenlet():
        # Said before asyncpg has begun, so that whoever asked may ask again in one.
        raise MissingGreenlet
    return asyncpg.connect(*arguments, **options)


def bounded(**session: str) -> dict[str, Any]:
    """How to connect to PostgreSQL so that every wait for it ends; with further settings of the session."""
    return {
        "server_settings": {
            "application_name": "qunxue",
            "timezone": "UTC",
            "statement_timeout": f"{STATEMENT_SECONDS * 1000:.0f}ms",
            "lock_timeout": f"{ROW_WAIT_SECONDS * 1000:.0f}ms",
            **session,
        },
        "async_creator_fn": _connect,
        "timeout": CONNECT_SECONDS,
        # A little longer than the server's own limit, which ends the statement and keeps the connection.
        "command_timeout": STATEMENT_SECONDS + 1,
    }


def keep_alive(connection: Any, _record: Any) -> None:
    """Let the system notice a server that disappeared silently. Not every system has every option."""
    transport = connection.driver_connection._transport  # noqa: SLF001 - asyncpg has no other way to its socket
    plain = transport.get_extra_info("socket")
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in KEEPALIVE.items():
        if hasattr(socket, name):
            plain.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


def _let_go_of_silent(context: Any) -> None:
    """If a server did not answer in time, connections of the same age will not work either: replace all of them."""
    if isinstance(context.original_exception, TimeoutError):
        # After this error SQLAlchemy would replace only this connection.
        context.invalidate_pool_on_disconnect = True
