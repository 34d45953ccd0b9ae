"""The point of an embedded backup: no message is half-known, however fast they go."""

import asyncio
import contextlib
import time

import pytest

from chassis.messaging.local_log import LocalLog
from qunxue.backups import embedded
from qunxue.backups.embedded import one_point
from tests.support.messaging import World, create, sqlite_url
from tests.support.waiting import eventually

SNAPSHOTS = 15


@pytest.fixture
async def world(tmp_path):
    log = LocalLog(tmp_path / "log.sqlite")
    made = World(await create(sqlite_url(tmp_path, "publisher")), await create(sqlite_url(tmp_path, "consumer")), log)
    yield made
    await made.close()


@contextlib.asynccontextmanager
async def publishing(world):
    """Messages without pause, a few at a time."""

    async def publish():
        while True:
            await world.publish(3)

    task = asyncio.create_task(publish())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def counted(snapshots):
    """How many messages were ever written, wait in the outbox, lie in the log, are applied: as the snapshots have it."""
    one = {
        "written": ("publisher", "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'outbox'), 0)"),
        "waiting": ("publisher", "SELECT count(*) FROM outbox"),
        "sent": ("log", "SELECT count(*) FROM records"),
        "applied": ("consumer", "SELECT count(*) FROM ledger"),
    }
    return {name: snapshots[where].execute(query).fetchone()[0] for name, (where, query) in one.items()}


@pytest.fixture
def slow_disk(monkeypatch):
    """Each snapshot takes a while to begin: long enough for messages to be written, sent and applied meanwhile."""
    begin = embedded._begin

    def slowly(path):
        time.sleep(0.04)
        return begin(path)

    monkeypatch.setattr(embedded, "_begin", slowly)


async def test_at_the_point_every_message_is_where_it_must_be(world, slow_disk, tmp_path):
    sources = {name: tmp_path / f"{name}.sqlite" for name in ("publisher", "consumer", "log")}
    seen = []
    async with world.relaying(), world.consuming(), publishing(world):
        await world.applied(30)
        for _ in range(SNAPSHOTS):
            before = await world.entry_count()
            snapshots = await one_point([world.publisher, world.consumer], sources)
            try:
                found = counted(snapshots)
            finally:
                for snapshot in snapshots.values():
                    snapshot.close()
            assert found["applied"] <= found["sent"] <= found["written"], found
            assert found["sent"] + found["waiting"] >= found["written"], found
            assert found["applied"] >= before
            seen.append(found["written"])
            await _goes_on(world, before)
    assert seen[-1] > seen[0]


async def test_a_snapshot_stays_as_it_was_while_writing_goes_on(world, tmp_path):
    sources = {name: tmp_path / f"{name}.sqlite" for name in ("publisher", "consumer", "log")}
    async with world.relaying(), world.consuming(), publishing(world):
        await world.applied(30)
        snapshots = await one_point([world.publisher, world.consumer], sources)
        try:
            first = counted(snapshots)
            await world.applied(first["applied"] + 60)
            assert counted(snapshots) == first
        finally:
            for snapshot in snapshots.values():
                snapshot.close()


async def _goes_on(world: World, before: int) -> None:
    async def more() -> bool:
        return await world.entry_count() > before

    await eventually(more, what="messages are applied again")
