"""SQLite in the event loop: what takes long takes it elsewhere."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing

import pytest
from sqlalchemy import text

from tests.service.chassis.shop import ON_SQLITE
from tests.support.waiting import eventually

LONG = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000) SELECT max(i) FROM n"

pytestmark = ON_SQLITE


class Watched:
    """The longest time that the event loop had for nothing else."""

    longest = 0.0


@asynccontextmanager
async def watched() -> AsyncIterator[Watched]:
    seen = Watched()

    async def watch() -> None:
        last = time.thread_time()
        while True:
            await asyncio.sleep(0)
            # CPU time of this thread: what others take of a busy machine is no pause of ours.
            now = time.thread_time()
            seen.longest, last = max(seen.longest, now - last), now

    watching = asyncio.create_task(watch())
    try:
        yield seen
    finally:
        watching.cancel()


@pytest.mark.parametrize("orm", [True, False], ids=["orm", "prepared"])
async def test_a_long_read_is_broken_off_and_made_again_beside_the_loop(shop, orm):
    async with shop.runtime.database.reading() as session, watched() as seen:
        for _ in range(2):
            if orm:
                assert (await session.execute(text(LONG))).scalar_one() == 300_000
            else:
                assert (await (await session.driver()).fetch(LONG, ())) == [(300_000,)]
    assert seen.longest < 0.05


async def test_a_lock_of_another_process_is_waited_for_beside_the_loop(shop, settings):
    turns = 0

    async def write() -> None:
        async with shop.runtime.database.transaction() as session:
            await session.execute(text("UPDATE things SET weight = weight"))

    with closing(sqlite3.connect(settings.data_dir / "workshop.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        writing = asyncio.create_task(write())

        async def loop_turns() -> bool:
            nonlocal turns
            turns += 1
            return turns > 50

        await eventually(loop_turns)
        assert not writing.done()
        other.execute("ROLLBACK")
    await writing


async def test_what_took_long_goes_to_the_thread_until_it_is_quick_again(shop):
    async with shop.runtime.database.transaction() as session:
        driver = await session.driver()
        assert not driver._goes_to_thread(LONG, ())
        await driver.fetch(LONG, ())
        assert driver._goes_to_thread(LONG, ())
        quick = LONG.replace("300000", "2")
        driver._remember(quick)
        await driver.fetch(quick, ())
        assert not driver._goes_to_thread(quick, ())
