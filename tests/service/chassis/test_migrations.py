"""Migrations are done once, and what differs from the code is found."""

import pytest
from sqlalchemy import text

from chassis.database.engine import Database
from chassis.database.migrations import compare, is_at_head, migrate
from qunxue.installed import service


@pytest.fixture
async def empty(database_url):
    """A database of the smallest service, before its migrations."""
    opened = Database(database_url, service("content").tables)
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
