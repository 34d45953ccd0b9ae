"""Migrations are done once, and what differs from the code is found."""

import asyncio
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import MetaData, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel

from chassis.database import engine, migrations
from chassis.database.engine import Database
from chassis.database.migrations import compare, is_at_head, migrate, preparing
from qunxue.installed import service
from scripts.migration import write
from tests.support.needs import ROOT


async def nothing(url: str) -> None:
    """Leaves a database as it is: without anything."""
    if url.startswith("sqlite"):
        Path(url.removeprefix("sqlite:///")).touch()


@pytest.fixture
async def empty(copied):
    """A database of the smallest service, before its migrations."""
    opened = Database(await copied("empty", nothing), service("content").tables)
    yield opened
    await opened.dispose()


async def test_a_database_is_migrated_once(empty):
    definition = service("content")
    assert not await is_at_head(empty, definition)
    assert await migrate(empty, definition) is True
    assert await is_at_head(empty, definition)
    assert await migrate(empty, definition) is False


@pytest.mark.parametrize(
    ("drift", "kind"),
    [
        ("ALTER TABLE timers ADD COLUMN surprise INTEGER", "remove_column"),
        ("DROP TABLE audit_entries", "add_table"),
        ("DROP INDEX ix_timers_not_before", "add_index"),
    ],
)
async def test_the_comparison_finds_what_has_drifted(empty, drift, kind):
    definition = service("content")
    await migrate(empty, definition)
    async with empty.writer.begin() as connection:
        assert await connection.run_sync(compare, definition) == []
        await connection.execute(text(drift))
    async with empty.writer.connect() as connection:
        assert kind in [difference[0] for difference in await connection.run_sync(compare, definition)]


async def test_a_newer_schema_is_good_enough_for_the_release_before(empty):
    """In the middle of a deployment the new migration is there before the last of the old processes has gone."""
    definition = service("content")
    await migrate(empty, definition)
    async with empty.writer.begin() as connection:
        await connection.execute(text("UPDATE content_schema_version SET version_num = '9999'"))
    assert await is_at_head(empty, definition)
    assert await migrate(empty, definition) is False


# SQLite has one lock for everything, and a timeout for it.
on_postgres = pytest.mark.parametrize("database", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)


@pytest.fixture
async def in_use(empty, monkeypatch):
    """A migration that changes a table, and a transaction that reads it for as long as it likes."""
    await migrate(empty, service("content"))
    async with empty.writer.begin() as connection:
        await connection.execute(text("DELETE FROM content_schema_version"))

    def change(connection, definition):
        connection.execute(text("ALTER TABLE timers ADD COLUMN surprise INTEGER"))
        version = {"head": migrations.head(definition)}
        connection.execute(text("INSERT INTO content_schema_version VALUES (:head)"), version)

    monkeypatch.setattr(migrations, "_upgrade", change)
    monkeypatch.setattr(migrations, "LOCK_SECONDS", 0.1)
    monkeypatch.setattr(migrations, "PAUSE_SECONDS", 0.1)
    async with empty.writer.connect() as reader:
        await reader.execute(text("SELECT count(*) FROM timers"))
        yield reader


@on_postgres
async def test_a_migration_that_waits_for_a_table_lets_the_others_through(empty, in_use, monkeypatch):
    monkeypatch.setattr(migrations, "TRIES", 100_000)  # it gives up after so many, not before the others are through
    migrating = asyncio.create_task(migrate(empty, service("content")))
    for _ in range(5):
        async with empty.writer.begin() as connection:
            await connection.execute(text("SET LOCAL lock_timeout = 0"))  # however soon a service gives up
            # Without its stepping back, this would wait as long as the reader reads, which is until it has been done.
            await asyncio.wait_for(connection.execute(text("UPDATE timers SET attempts = 0")), 60)
    assert not migrating.done()
    await in_use.rollback()
    assert await migrating is True
    assert await is_at_head(empty, service("content"))


@on_postgres
async def test_a_migration_whose_table_never_gets_free_fails_and_changes_nothing(empty, in_use, monkeypatch):
    monkeypatch.setattr(migrations, "TRIES", 2)
    with pytest.raises(DBAPIError, match="lock timeout"):
        await migrate(empty, service("content"))
    assert not await is_at_head(empty, service("content"))


@on_postgres
async def test_one_migrator_waits_for_the_other_as_long_as_it_takes_and_so_does_what_is_prepared(empty, monkeypatch):
    """However impatient the service is, whose connections give up soon."""
    monkeypatch.setattr(engine, "ROW_WAIT_SECONDS", 0.05)
    monkeypatch.setattr(engine, "STATEMENT_SECONDS", 0.3)
    monkeypatch.setattr(migrations, "TRIES", 1)
    hurried = Database(str(empty.url), service("content").tables)
    monkeypatch.setattr(migrations, "_upgrade", lambda connection, _: connection.execute(text("SELECT pg_sleep(0.5)")))

    async def prepare():
        async with preparing(hurried):
            pass

    async with empty.writer.connect() as other:
        for key in (migrations.LOCK_KEY, migrations.BOOTSTRAP_KEY):
            await other.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})
        waiting = [asyncio.create_task(migrate(hurried, service("content"))), asyncio.create_task(prepare())]
        assert not (await asyncio.wait(waiting, timeout=0.5))[0]
    await asyncio.gather(*waiting)
    await hurried.dispose()


def test_a_new_migration_is_formatted(tmp_path, monkeypatch):
    shutil.copytree(ROOT / "services/content/migrations", tmp_path / "copied/migrations")
    monkeypatch.syspath_prepend(tmp_path)

    class NoTables(SQLModel):
        metadata = MetaData()

    without_tables = replace(service("content"), migrations="copied.migrations", base=NoTables)
    (path,) = write(without_tables, "everything goes")
    assert "op.drop_table" in path.read_text()
    for check in (["check"], ["format", "--check"]):
        command = [sys.executable, "-m", "ruff", *check, "--config", str(ROOT / "pyproject.toml"), str(path)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout
