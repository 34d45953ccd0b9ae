"""Dumping and restoring PostgreSQL databases with PostgreSQL's own tools, all at one point in time."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database.migrations import version_table
from chassis.messaging.envelope import TopicPartition
from chassis.service import RunningService
from qunxue.command import CommandFailed

LOCK_SECONDS = 10
ASIDE = "replaced_"
"""Begins the name of a schema in which a restore keeps what was there before; not part of later backups."""

_LOCK = text("LOCK TABLE inbox, outbox, consumer_progress IN EXCLUSIVE MODE")
_TOOLS = ("pg_dump", "pg_restore")


@dataclass(frozen=True)
class Snapshot:
    """One database as it was at the point: what `pg_dump --snapshot` needs, and how far its consumers were."""

    id: str
    revision: str
    positions: Mapping[TopicPartition, int]


@asynccontextmanager
async def one_point(
    runtimes: Mapping[str, RunningService],
) -> AsyncIterator[tuple[dict[str, Snapshot], AsyncExitStack]]:
    """A snapshot of every database, all taken while nothing is sent, received or applied by any of them.

    Databases share no snapshots, so what could tear them apart is held up instead: with the messaging tables locked, no
    service commits a message or the application of one. Close the yielded stack to let them go on (milliseconds later, before
    the dumps are made); the snapshots live as long as the block. Raises `CommandFailed`.
    """
    async with AsyncExitStack() as snapshots, AsyncExitStack() as locks:
        try:
            for runtime in runtimes.values():
                connection = await locks.enter_async_context(runtime.database.writer.connect())
                await connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'"))
                # In the order in which a consumer's transaction takes them, so that nobody waits for each other.
                await connection.execute(_LOCK)
            found = {}
            for name, runtime in runtimes.items():
                raw = await snapshots.enter_async_context(runtime.database.writer.connect())
                found[name] = await _snapshot(runtime, await raw.execution_options(isolation_level="REPEATABLE READ"))
        except (DBAPIError, OSError, TimeoutError) as error:
            raise CommandFailed(f"the databases could not be held at one point: {_said(error)}") from error
        yield found, locks


async def _snapshot(runtime: RunningService, connection: AsyncConnection) -> Snapshot:
    # The first statement of the transaction is what the snapshot is of.
    id_ = str(await connection.scalar(text("SELECT pg_export_snapshot()")))
    progress = runtime.service.tables.messaging.consumer_progress
    # Of several consumers the slowest counts: what the others have is in the inbox.
    rows = await connection.execute(
        select(progress.c.topic, progress.c.partition, func.min(progress.c.next_offset))
        .where(progress.c.consumer.in_(runtime.service.consumers))
        .group_by(progress.c.topic, progress.c.partition)
    )
    revision = await connection.scalar(text(f"SELECT version_num FROM {version_table(runtime.name)}"))  # noqa: S608
    return Snapshot(id_, str(revision), {TopicPartition(t, p): offset for t, p, offset in rows})


async def dump(url: URL, snapshot: Snapshot, target: Path) -> None:
    """Write a dump in pg_dump's own compressed format. Raises `CommandFailed` with the tool's words."""
    await _run(
        "pg_dump",
        "--format=custom",
        f"--snapshot={snapshot.id}",
        f"--exclude-schema={ASIDE}*",
        "--no-owner",
        "--no-privileges",
        f"--file={target}",
        url=url,
    )


async def check_dump(path: Path) -> None:
    """Raises `CommandFailed` where pg_restore cannot read it."""
    await _run("pg_restore", "--list", str(path), url=None)


async def load(url: URL, source: Path) -> None:
    """Restore a dump into an empty schema, whole or not at all. Raises `CommandFailed` with the tool's words."""
    await _run(
        "pg_restore",
        "--single-transaction",
        "--exit-on-error",
        "--no-owner",
        "--no-privileges",
        f"--dbname={url.database}",
        str(source),
        url=url,
    )


def check_tools() -> None:
    """Raises `CommandFailed` where PostgreSQL's client programs are missing."""
    for tool in _TOOLS:
        if shutil.which(tool) is None:
            raise CommandFailed(
                f"{tool} is not installed here: install PostgreSQL's client programs of the server's version, or a later one"
            )


async def occupants(connection: AsyncConnection) -> int:
    """How many other sessions are connected to the same database."""
    statement = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
    )
    return int(await connection.scalar(statement) or 0)


async def holds_tables(connection: AsyncConnection) -> bool:
    """Whether something is there that a restore would overwrite."""
    statement = text("SELECT EXISTS (SELECT FROM pg_tables WHERE schemaname = 'public')")
    return bool(await connection.scalar(statement))


async def put_aside(connection: AsyncConnection, name: str) -> None:
    """Keep what is there in a schema of another name, and make an empty one."""
    await connection.execute(text(f"ALTER SCHEMA public RENAME TO {name}"))
    await connection.execute(text("CREATE SCHEMA public"))


async def _run(tool: str, *arguments: str, url: URL | None) -> None:
    process = await asyncio.create_subprocess_exec(
        tool,
        *arguments,
        env={**os.environ, **(_connection(url) if url is not None else {})},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        _, said = await process.communicate()
    except asyncio.CancelledError:
        process.terminate()
        await process.wait()
        raise
    if process.returncode:
        raise CommandFailed(f"{tool}: {said.decode(errors='replace').strip()}")


def _connection(url: URL) -> dict[str, str]:
    """How to connect, as PostgreSQL's tools read it: the environment, where a password is not shown in the process list."""
    mode = url.query.get("ssl") or url.query.get("sslmode")
    values = {
        "PGHOST": url.host,
        "PGPORT": str(url.port or 5432),
        "PGUSER": url.username,
        "PGPASSWORD": url.password,
        "PGDATABASE": url.database,
        "PGSSLMODE": mode if isinstance(mode, str) else None,
        "PGAPPNAME": "qunxue",
    }
    return {name: str(value) for name, value in values.items() if value}


def _said(error: BaseException) -> str:
    return str(getattr(error, "orig", None) or error).strip() or type(error).__name__
