"""Wiping: what was deleted is gone from where the database keeps it, not only from what it answers.

SQLite leaves what was deleted in its file, and in the file of its log, until something else is written there; PostgreSQL keeps it as a
dead row until it is vacuumed. Live servers go on meanwhile: writers of SQLite's file wait, those of PostgreSQL do not. A process that
is killed leaves everything as it was; whoever asked asks again.
"""

import asyncio
import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from typing import Final

from sqlalchemy import URL, NullPool, Table, event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from chassis.database.engine import MOMENT_SECONDS, Database, bounded, keep_alive
from chassis.database.errors import is_locked_row
from chassis.threads import WorkerThread

LONGEST: Final = 600.0
"""Seconds that one table may take."""
PATIENCE: Final = 30.0
"""Seconds that it waits for those who still see what is to go, such as a backup."""
_BETWEEN: Final = 0.1


class StillSeen(Exception):
    """Somebody still sees what was deleted: a transaction that began before, or a reader of the file. Ask again later."""


async def wipe(database: Database, small: Sequence[Table], *, vacuumed: Sequence[Table] = ()) -> None:
    """Wipe what was deleted from these tables, outside of any transaction of the caller's. Raises `StillSeen`.

    On PostgreSQL the `small` ones are written anew, and nobody reads them meanwhile: vacuumed alone, their pages would still have the bytes. That
    is enough for those that are `vacuumed`, which may have any size.
    """
    if not database.is_sqlite:
        await _wipe_tables(database.url, [table.name for table in small], [table.name for table in vacuumed])
        return
    thread = WorkerThread("wiping")
    try:
        # Our own writers wait in their line, and not for the file.
        async with database.exclusive():
            await thread.run(lambda: _wipe_file(str(database.url.database)))
    finally:
        thread.stop()


def _wipe_file(path: str) -> None:
    """The file is written anew, and its log is emptied."""
    with closing(sqlite3.connect(path, isolation_level=None, timeout=PATIENCE)) as connection:
        connection.execute("VACUUM")
        until = time.monotonic() + PATIENCE
        while connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
            if time.monotonic() > until:
                raise StillSeen
            time.sleep(_BETWEEN)


async def _wipe_tables(url: URL, small: Sequence[str], vacuumed: Sequence[str]) -> None:
    # A connection of its own: those of the pool end a statement after seconds.
    options = bounded(statement_timeout=f"{LONGEST * 1000:.0f}ms", lock_timeout=f"{MOMENT_SECONDS * 1000:.0f}ms")
    options |= {"command_timeout": LONGEST}
    engine = create_async_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT", connect_args=options)
    event.listen(engine.sync_engine, "connect", keep_alive)
    async with engine.connect() as connection:
        await _until_unseen(connection)
        for name in vacuumed:
            await connection.execute(text(f'VACUUM (INDEX_CLEANUP ON) "{name}"'))
        for name in small:
            await _write_anew(connection, name)


async def _write_anew(connection: AsyncConnection, name: str) -> None:
    until = time.monotonic() + PATIENCE
    while True:
        try:
            await connection.execute(text(f'VACUUM (FULL) "{name}"'))
        except DBAPIError as error:
            # Who waits for the table holds up those who come later: so it waits for a moment, and lets them pass.
            if not is_locked_row(error) or time.monotonic() > until:
                raise
            await asyncio.sleep(_BETWEEN)
        else:
            return


async def _until_unseen(connection: AsyncConnection) -> None:
    """Wait for every transaction of this database that is older than now: what it may still see is not vacuumed."""
    now = (await connection.execute(text("SELECT pg_current_xact_id()::xid::text"))).scalar_one()
    until = time.monotonic() + PATIENCE
    while (await connection.execute(_OLDER, {"now": now})).scalar_one():
        if time.monotonic() > until:
            raise StillSeen
        await asyncio.sleep(_BETWEEN)


_OLDER: Final = text(
    """
    SELECT EXISTS (
        SELECT FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()
        AND greatest(age(backend_xmin), age(backend_xid)) >= age(CAST(CAST(:now AS text) AS xid))
    )
    """
)
