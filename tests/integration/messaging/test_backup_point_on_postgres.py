"""The point of a distributed backup: databases that share no snapshots are dumped as of one moment of their messaging."""

import asyncio
import contextlib
import sqlite3
import uuid
from types import SimpleNamespace

import pytest
from sqlalchemy import text

from chassis.ids import new_id
from chassis.messaging.local_log import LocalLog
from chassis.messaging.outbox import emit_many
from qunxue.backups import postgres
from qunxue.command import CommandFailed
from tests.support.messaging import World, create, ledger
from tests.support.waiting import eventually

pytestmark = pytest.mark.postgres

SNAPSHOTS = 10


@pytest.fixture
async def world(postgres_server, tmp_path):
    unique = uuid.uuid4().hex[:12]
    urls = [postgres_server.create_database(f"{name}_{unique}") for name in ("publisher", "consumer")]
    made = World(await create(urls[0]), await create(urls[1]), LocalLog(tmp_path / "log.sqlite"))
    for name, database in (("publisher", made.publisher), ("consumer", made.consumer)):
        async with database.writer.begin() as connection:
            await connection.execute(text(f"CREATE TABLE {name}_schema_version (version_num text)"))
            await connection.execute(text(f"INSERT INTO {name}_schema_version VALUES ('0001')"))
    yield made
    await made.close()


@pytest.fixture
def runtimes(world):
    """As much of a runtime as a snapshot needs."""
    return {
        name: SimpleNamespace(
            name=name, database=database, service=SimpleNamespace(tables=database.tables, consumers=[name])
        )
        for name, database in (("publisher", world.publisher), ("consumer", world.consumer))
    }


@pytest.fixture
def slow_network(monkeypatch):
    """Each snapshot takes a while to come: long enough for messages to be written, sent and applied meanwhile."""
    take = postgres._snapshot

    async def slowly(runtime, connection):
        await asyncio.sleep(0.04)
        return await take(runtime, connection)

    monkeypatch.setattr(postgres, "_snapshot", slowly)


@contextlib.asynccontextmanager
async def publishing(world):
    """Messages without pause, each with a row that says it was written."""

    async def publish():
        while True:
            outgoing = world.things.outgoing(3)
            rows = [
                {
                    "message_id": new_id(),
                    "thing_id": one.event.thing_id,
                    "version": one.version,
                    "amount": 1,
                    "handler": "",
                }
                for one in outgoing
            ]
            async with world.publisher.transaction() as session:
                await (await session.connection()).execute(ledger.insert(), rows)
                await emit_many(session, outgoing)

    task = asyncio.create_task(publish())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def as_of(database, snapshot, query):
    async with database.writer.connect() as connection:
        await connection.execution_options(isolation_level="REPEATABLE READ")
        await connection.execute(text(f"SET TRANSACTION SNAPSHOT '{snapshot.id}'"))
        return await connection.scalar(text(query))


async def test_at_the_point_every_message_is_where_it_must_be(world, runtimes, slow_network, tmp_path):
    seen = []
    async with world.relaying(), world.consuming(), publishing(world):
        await world.applied(30)
        for _ in range(SNAPSHOTS):
            async with postgres.one_point(runtimes) as (snapshots, locks):
                with contextlib.closing(sqlite3.connect(tmp_path / "log.sqlite")) as log:
                    sent = log.execute("SELECT count(*) FROM records").fetchone()[0]
                await locks.aclose()
                # The dumps come later, while everything goes on.
                await _goes_on(world)
                written = await as_of(world.publisher, snapshots["publisher"], "SELECT count(*) FROM ledger")
                waiting = await as_of(world.publisher, snapshots["publisher"], "SELECT count(*) FROM outbox")
                applied = await as_of(world.consumer, snapshots["consumer"], "SELECT count(*) FROM ledger")
            found = {"written": written, "waiting": waiting, "sent": sent, "applied": applied}
            assert applied <= sent <= written, found
            assert sent + waiting >= written, found
            assert snapshots["consumer"].revision == "0001"
            seen.append(written)
    assert seen[-1] > seen[0]


async def test_a_transaction_that_does_not_end_keeps_the_point_from_being_set(world, runtimes, monkeypatch):
    monkeypatch.setattr(postgres, "LOCK_SECONDS", 1)
    async with world.publisher.transaction() as session:
        await emit_many(session, world.things.outgoing(1))
        with pytest.raises(CommandFailed, match="could not be held at one point"):
            async with postgres.one_point(runtimes):
                pass
    assert await world.outbox_count() == 1


async def _goes_on(world):
    before = await world.entry_count()

    async def more():
        return await world.entry_count() > before

    await eventually(more, what="messages are applied again")
