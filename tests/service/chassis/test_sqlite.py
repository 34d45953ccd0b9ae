"""SQLite in the event loop: what takes long takes it elsewhere."""

import asyncio
import itertools
import sqlite3
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from typing import Any

import pytest
from sqlalchemy import func, literal, select, text
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database import sqlite
from chassis.database.engine import SQLITE_READERS
from chassis.database.sqlite import _many
from chassis.database.statements import rows_of
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


async def test_a_lock_of_another_process_is_waited_for_beside_the_loop(shop):
    turns = 0

    async def write() -> None:
        async with shop.runtime.database.transaction() as session:
            await session.execute(text("UPDATE things SET weight = weight"))

    with closing(sqlite3.connect(str(shop.runtime.database.url.database), isolation_level=None)) as other:
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


async def test_what_took_long_goes_to_the_thread_until_it_is_quick_again(shop, monkeypatch):
    passes = [sqlite.LONG * 1.5]
    looks = itertools.count()
    monkeypatch.setattr(sqlite, "_clock", lambda: next(looks) * passes[0])  # not that of a machine with other work
    async with shop.runtime.database.transaction() as session:
        driver = await session.driver()
        assert not driver._goes_to_thread("SELECT 1", ())
        await driver.fetch("SELECT 1", ())
        assert driver._goes_to_thread("SELECT 1", ())
        passes[0] = 0.0
        await driver.fetch("SELECT 1", ())
        assert not driver._goes_to_thread("SELECT 1", ())


def _counting(to: int) -> Any:
    numbers = select(literal(1).label("i")).cte("n", recursive=True)
    numbers = numbers.union_all(select(numbers.c.i + 1).where(numbers.c.i < to))
    return select(func.max(numbers.c.i))


LASTING, ENDLESS = _counting(300_000), _counting(3_000_000_000)


@pytest.mark.parametrize("how", [AsyncSession.execute, rows_of], ids=["orm", "prepared"])
async def test_a_change_given_up_keeps_no_lock_although_somebody_still_has_one_of_its_statements(shop, how):
    kept, begun = [], asyncio.Event()

    async def change():
        async with shop.runtime.database.transaction() as session:
            driver = await session.driver()
            kept.append(await driver._run("UPDATE things SET weight = ?", [(1,), (2,)], _many))
            driver._goes_to_thread = lambda *_: True
            begun.set()
            await how(session, LASTING)

    changing = asyncio.create_task(change())
    await begun.wait()
    changing.cancel()
    await asyncio.wait([changing])
    assert changing.cancelled()
    with closing(sqlite3.connect(str(shop.runtime.database.url.database), timeout=0)) as other:
        other.execute("BEGIN IMMEDIATE")


@pytest.mark.parametrize("how", [AsyncSession.execute, rows_of], ids=["orm", "prepared"])
async def test_a_read_that_nobody_waits_for_is_broken_off_and_leaves_no_thread_behind(shop, how):
    database = shop.runtime.database
    before = set(threading.enumerate())

    async def read(begun):
        async with database.reading() as session:
            begun.set()
            await how(session, ENDLESS)

    for _ in range(2 * SQLITE_READERS):
        begun = asyncio.Event()
        reading = asyncio.create_task(read(begun))
        await begun.wait()
        # Also when it is told more than once.
        while not reading.done():
            reading.cancel()
            await asyncio.sleep(0)
        assert reading.cancelled()

    async def no_thread_is_left() -> bool:
        return set(threading.enumerate()) <= before

    await eventually(no_thread_is_left)
    assert database.reader.pool.checkedout() == 0
