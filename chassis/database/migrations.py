"""Migrations: once, under a lock, however many processes start together.

Four concurrent `alembic upgrade head` crash on either database. So: look whether there is anything to do; if so take a lock
(an advisory one on PostgreSQL, on a file beside a SQLite database), look again, migrate. A killed migrator's lock ends with
it, and its transaction is rolled back: the next one finds the schema before or after, never between.

On PostgreSQL a change of a table waits for whoever uses the table, and everybody who comes later waits behind the change. So it
waits a few seconds only, steps back to let the others through, and tries again.
"""

import asyncio
import fcntl
import importlib
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, MetaData, NullPool, create_engine, event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlmodel import SQLModel

if TYPE_CHECKING:
    from chassis.database.engine import Database

log = logging.getLogger("qunxue.migrations")

LOCK_KEY = 0x71756E78_75650001
"""The advisory lock's number ("qunxue" and 1); any constant does, as each service has a database of its own."""

BOOTSTRAP_KEY = LOCK_KEY + 1

LOCK_SECONDS = 5.0
TRIES = 30
PAUSE_SECONDS = 2.0
LOCK_NOT_AVAILABLE = "55P03"


class Migrated(Protocol):
    """What migrations know of a service."""

    @property
    def name(self) -> str: ...

    @property
    def base(self) -> type[SQLModel]: ...

    @property
    def migrations(self) -> str:
        """The package of its revisions."""


def version_table(service: str) -> str:
    """The table that says how far a service's schema is."""
    return f"{service}_schema_version"


def alembic_config(service: Migrated, connection: Connection | None = None, url: str | None = None) -> Config:
    """Alembic's configuration for a service: the revisions in its package, no ini file."""
    config = Config()
    config.set_main_option("script_location", "chassis:database/alembic")
    config.set_main_option("path_separator", "os")
    config.set_main_option("version_locations", versions_folder(service))
    if url is not None:
        config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    config.attributes["service"] = service.name
    config.attributes["metadata"] = service.base.metadata
    config.attributes["connection"] = connection
    return config


async def migrate(database: "Database", service: Migrated) -> bool:
    """Bring the schema to the head; True when there was something to do."""
    if await is_at_head(database, service):
        return False
    log.info("migrating", extra={"service": service.name})
    if database.is_sqlite:
        path = Path(str(database.url.database))
        await asyncio.to_thread(_migrate_sqlite, path, service)
    else:
        await _trying_again(database, service)
    return True


async def _trying_again(database: "Database", service: Migrated) -> None:
    left = TRIES
    while True:
        left -= 1
        try:
            async with _patient(database.url) as connection:
                await connection.run_sync(_migrate_postgres, service)
        except DBAPIError as error:
            if left == 0 or getattr(error.orig, "sqlstate", None) != LOCK_NOT_AVAILABLE:
                raise
        else:
            return
        log.warning("a table is in use, trying again", extra={"service": service.name, "tries_left": left})
        await asyncio.sleep(PAUSE_SECONDS)


@asynccontextmanager
async def _patient(url: URL) -> AsyncIterator[AsyncConnection]:
    """A separate connection without a time limit for statements, and without one for locks unless it is set."""
    from chassis.database.engine import bounded, keep_alive

    options = bounded(statement_timeout="0", lock_timeout="0") | {"command_timeout": None}
    engine = create_async_engine(url, poolclass=NullPool, connect_args=options)
    event.listen(engine.sync_engine, "connect", keep_alive)
    async with engine.connect() as connection:
        yield connection


async def is_at_head(database: "Database", service: Migrated) -> bool:
    """Whether the database answers and its schema is the one this release knows (or a newer one's, mid-deployment)."""
    try:
        async with database.reader.connect() as connection:
            current = await connection.run_sync(_current, service.name)
    except (DBAPIError, OSError, TimeoutError, PoolTimeout):
        return False
    return current is not None and (current == head(service) or current not in known_revisions(service))


def head(service: Migrated) -> str | None:
    """The newest revision in the service's package."""
    return _head(versions_folder(service))


def compare(connection: Connection, service: Migrated) -> list[Any]:
    """How the tables in the code differ from the database's; empty when they agree (what `alembic check` does)."""
    from alembic.autogenerate import compare_metadata

    options = {"version_table": version_table(service.name), "include_name": is_ours}
    context = MigrationContext.configure(connection, opts=options)
    metadata: MetaData = service.base.metadata
    return list(compare_metadata(context, metadata))


def is_ours(name: str | None, kind: str, _parents: Any) -> bool:
    """Whether a table is one that the code declares, or would have to: full-text indexes, `fts_…`, are each database's own."""
    return kind != "table" or name is None or not name.startswith("fts_")


def versions_folder(service: Migrated) -> str:
    """The folder of a service's revisions."""
    package = importlib.import_module(service.migrations)
    return str(Path(package.__path__[0]))


@lru_cache(maxsize=16)
def _script(versions: str) -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", "chassis:database/alembic")
    config.set_main_option("path_separator", "os")
    config.set_main_option("version_locations", versions)
    return ScriptDirectory.from_config(config)


@lru_cache(maxsize=16)
def _head(versions: str) -> str | None:
    return _script(versions).get_current_head()


def known_revisions(service: Migrated) -> frozenset[str]:
    """Every revision in the service's package: the schemas that this release can bring to the head."""
    return frozenset(revision.revision for revision in _script(versions_folder(service)).walk_revisions())


def _current(connection: Connection, service: str) -> str | None:
    context = MigrationContext.configure(connection, opts={"version_table": version_table(service)})
    return context.get_current_revision()


def _upgrade(connection: Connection, service: Migrated) -> None:
    command.upgrade(alembic_config(service, connection), "head")


def _migrate_postgres(connection: Connection, service: Migrated) -> None:
    # Lock and migration share one transaction: when either process or server dies, both are gone together.
    with connection.begin():
        # Wait for another migrator as long as it takes.
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK_KEY})
        connection.execute(text(f"SET LOCAL lock_timeout = {int(LOCK_SECONDS * 1000)}"))
        if _current(connection, service.name) != head(service):
            _upgrade(connection, service)


def _migrate_sqlite(path: Path, service: Migrated) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with _file_lock(path.with_suffix(".migration-lock")):
        engine = create_engine(f"sqlite:///{path}")
        _begin_immediately(engine)
        try:
            with engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA journal_mode=WAL")
                connection.rollback()
                with connection.begin():
                    if _current(connection, service.name) != head(service):
                        _upgrade(connection, service)
        finally:
            engine.dispose()


def _begin_immediately(engine: Any) -> None:
    """Make DDL transactional: the driver would commit before each statement of its own accord."""

    @event.listens_for(engine, "connect")
    def connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


@contextmanager
def _file_lock(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@asynccontextmanager
async def preparing(database: "Database") -> AsyncIterator[None]:
    """Hold a lock under which one process at a time makes what a service needs before its first request."""
    if database.is_sqlite:
        with _file_lock(Path(str(database.url.database)).with_suffix(".bootstrap-lock")):
            yield
        return
    async with _patient(database.url) as connection:
        await connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": BOOTSTRAP_KEY})
        try:
            yield
        finally:
            await connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": BOOTSTRAP_KEY})
