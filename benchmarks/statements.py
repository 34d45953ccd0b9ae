"""One row by its key, through each of the ways there are to the database, and how long SQLite holds the event loop.

    python -m benchmarks.statements

CPU of the whole process for a session that asks for the row and ends: by the ORM with a statement that is built in the request; by
SQLAlchemy's Core with one built once; by `Prepared`; and by the driver alone, which is what cannot be saved. Then one
SQLite database in a process where 20 tasks read and write as requests do while a list of 200,000 rows is counted again and
again: the longest that the event loop had for nothing else.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import uvloop
from sqlalchemy import func, insert, select, update
from sqlmodel import col

from benchmarks.figures import Figure, end_with
from benchmarks.read_write import COMMUNITY, MEMBER, Base, Note, tables
from chassis.database.engine import Database
from chassis.database.statements import Prepared, bindparam
from chassis.ids import new_id

AT_LEAST = 5.0
LONGEST_PAUSE_MS = 30.0
ROUNDS, TIMES = 5, 300
NOTES = 200_000
THING = UUID(int=7)

notes: Any = Note.__table__  # type: ignore[attr-defined]

BY_KEY: Any = select(Note).where(col(Note.id) == bindparam("id"), col(Note.community_id) == bindparam("community_id"))
CORE: Any = select(notes).where(notes.c.id == bindparam("id"), notes.c.community_id == bindparam("community_id"))
NOTE = Prepared(BY_KEY)
ADD = Prepared(insert(Note))
COUNT = Prepared(select(func.count()).where(notes.c.body.like(bindparam("like"))))
TOUCH = Prepared(update(notes).where(notes.c.id == bindparam("note_id")).values(title=bindparam("to")))
ASKED = {"id": THING, "community_id": COMMUNITY}


def a_note(**values: Any) -> dict[str, Any]:
    return {
        "id": new_id(), "community_id": COMMUNITY, "member_id": MEMBER, "title": "第一次", "body": "读到了第三章。" * 20,
        "made_at": datetime.now(UTC), "messages_published": 1, **values,
    }  # fmt: skip


async def filled(database: Database, number: int) -> None:
    async with database.writer.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with database.transaction() as session:
        await ADD.run(session, **a_note(id=THING))
        await ADD.run_many(session, [a_note() for _ in range(number)])


async def each(work: Callable[[], Awaitable[Any]]) -> float:
    """Milliseconds of CPU, the best of a few rounds: what others do on the machine makes it only worse."""
    for _ in range(50):
        await work()
    best = float("inf")
    for _ in range(ROUNDS):
        began = time.process_time()
        for _ in range(TIMES):
            await work()
        best = min(best, (time.process_time() - began) / TIMES)
    return best * 1000


async def by_each_way(database: Database) -> dict[str, float]:
    async def orm() -> None:
        async with database.reading() as session:
            built = select(Note).where(col(Note.id) == THING, col(Note.community_id) == COMMUNITY)
            (await session.execute(built)).scalar_one()

    async def core() -> None:
        async with database.reading() as session:
            (await session.execute(CORE, ASKED)).one()

    async def prepared() -> None:
        async with database.reading() as session:
            await NOTE.one(session, **ASKED)

    found = {"orm": await each(orm), "core": await each(core), "prepared": await each(prepared)}
    async with database.reading() as session:
        await NOTE.one(session, **ASKED)
        driver: Any = await session.holding.driver()  # type: ignore[attr-defined]
        compiled = NOTE._compiled[database.writer.dialect.name]
        values = compiled.values(ASKED)
        found["driver"] = await each(lambda: driver.fetch(compiled.sql, values))
    await database.dispose()
    return found


async def longest_pause(database: Database, seconds: float) -> float:
    """Of the event loop, in milliseconds of its own CPU."""
    await filled(database, NOTES)
    until, longest = time.monotonic() + seconds, 0.0

    async def watch() -> None:
        nonlocal longest
        last = time.thread_time()
        while time.monotonic() < until:
            await asyncio.sleep(0)
            longest, last = max(longest, time.thread_time() - last), time.thread_time()

    async def request() -> None:
        while time.monotonic() < until:
            async with database.reading() as session:
                await NOTE.one(session, **ASKED)
            async with database.transaction() as session:
                await TOUCH.run(session, note_id=THING, to=str(time.time()))

    async def search() -> None:
        while time.monotonic() < until:
            async with database.reading() as session:
                await COUNT.one(session, like="%第九%")

    await asyncio.gather(watch(), search(), *(request() for _ in range(20)))
    await database.dispose()
    return longest * 1000


def _figures(name: str, found: dict[str, float]) -> list[Figure]:
    print(f"  {name}: " + ", ".join(f"{way} {value:.3f} ms" for way, value in found.items()))
    sides = f"ORM, built in the request, {found['orm']:.3f} ms (Core, built once, {found['core']:.3f} ms)"
    what = f"a row by its key, {name}, built once and run on the driver"
    ours = f"{found['prepared']:.3f} ms CPU (driver alone {found['driver']:.3f} ms)"
    return [Figure(what, ours, sides, found["orm"] / found["prepared"], AT_LEAST, "least")]


def run(*, seconds: float = 10.0) -> list[Figure]:
    """Both databases, and the pauses of SQLite."""
    from tests.support.postgres import PostgresServer

    async def on(url: str) -> dict[str, float]:
        database = Database(url, tables)
        await filled(database, 100)
        return await by_each_way(database)

    with tempfile.TemporaryDirectory() as folder:
        figures = _figures("SQLite", uvloop.run(on(f"sqlite:///{Path(folder) / 'ways.sqlite'}")))

        async def pauses() -> float:
            return await longest_pause(Database(f"sqlite:///{Path(folder) / 'pauses.sqlite'}", tables), seconds)

        pause = uvloop.run(pauses())
    with PostgresServer(fsync=False) as server:
        figures += _figures("PostgreSQL", uvloop.run(on(server.create_database("ways"))))
    what = "SQLite in the event loop: its longest pause beside 20 readers and writers and a scan of 200,000 rows"
    return [*figures, Figure(what, f"{pause:.1f} ms", "", pause, LONGEST_PAUSE_MS, "most", "ms")]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10.0)
    end_with(run(seconds=parser.parse_args().seconds))


if __name__ == "__main__":
    main()
