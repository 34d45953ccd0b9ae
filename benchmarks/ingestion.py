"""What is read from analytics while its worker counts facts as fast as it can, and whether that is as fast as an archive's import tells them.

The worker is a process of its own on the same database, as in a distributed installation; the reader asks twenty times a second for the active
members of thirty weeks, the last of which is not over: the worker's facts are of today. With the folder of real data (`QUNXUE_SHARED_DATA`)
an archive is imported into an embedded installation; what that told is then given to a worker of analytics alone, in batches of 500.

    python -m benchmarks.ingestion [READS]
"""

import asyncio
import multiprocessing
import sqlite3
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import orjson
from pydantic import SecretStr

from benchmarks.facts import A_BATCH, BEGAN, LASTS, apply, ingest, some_deeds
from benchmarks.figures import Figure
from benchmarks.history import ARCHIVE, QUIETLY, bring_in, p99
from chassis.memory import collect_less_often
from chassis.messaging.envelope import Delivery
from chassis.settings import Settings
from chassis.testing import Harness, SettableClock
from services.analytics.definition import definition
from tests.service.stage import Stage
from tests.support.postgres import PostgresServer
from tests.system.journey import Journey
from tests.system.stacks import Stack, embedded

READS = 400
A_SECOND = 20
FACTS = 20_000
"""What there is already."""
MEMBERS = 500
AT_ONCE = 10_000
"""Facts that the worker makes ready before it counts them."""
NOW = BEGAN + LASTS
SLOWER = 3.0
FASTER = 1.5
MOST_SECONDS = 180.0


def harness_on(url: str, *, migrated: bool = False) -> Harness:
    settings = Settings(data_dir=Path(tempfile.mkdtemp()), secret_key=SecretStr("b" * 32))
    clock = SettableClock(NOW + timedelta(hours=2))
    return Harness(definition, settings, database_url=url, clock=clock, held=False, migrated=migrated)


def count_on(url: str, community_id: UUID, members: list[UUID], begun: Any, stop: Any, rate: Any) -> None:
    """A worker in a process of its own: new facts of today, until it is told to stop."""

    async def work() -> None:
        counted, seconds, until = 0, 0.0, time.monotonic() + MOST_SECONDS
        async with harness_on(url, migrated=True) as harness:
            while not stop.is_set() and time.monotonic() < until:
                deeds = some_deeds(community_id, members, AT_ONCE, began=NOW, lasts=timedelta(hours=1))
                begun.set()
                for start in range(0, AT_ONCE, A_BATCH):
                    if stop.is_set():
                        break
                    some = deeds[start : start + A_BATCH]
                    seconds += len(some) / await ingest(harness, some)
                    counted += len(some)
        rate.value = counted / seconds

    collect_less_often()
    asyncio.run(work())


async def waits(client: httpx.AsyncClient, community_id: UUID, reads: int) -> list[float]:
    """How many milliseconds each answer took; whoever is late asks at once."""
    asked = {"community_id": str(community_id), "from": "2024-01-01", "to": NOW.date().isoformat(), "grain": "week"}
    began, found = time.monotonic(), []
    for number in range(reads):
        await asyncio.sleep(max(0.0, began + number / A_SECOND - time.monotonic()))
        at = time.perf_counter()
        answer = await client.get("/v1/metrics/active_members", params=asked)
        found.append((time.perf_counter() - at) * 1000)
        assert answer.status_code == 200, answer.text
    return sorted(found)


async def read_beside(label: str, url: str, reads: int) -> Figure:
    """At rest, and while a worker counts."""
    async with harness_on(url) as harness:
        stage = Stage(harness)
        await stage.open()
        members = [one.id for one in await stage.members(MEMBERS)]
        await ingest(harness, some_deeds(stage.community_id, members, FACTS))
        client = harness.as_service("metrics.read", communities=[stage.community_id])
        await waits(client, stage.community_id, A_SECOND)
        rest = await waits(client, stage.community_id, reads)
        context = multiprocessing.get_context("spawn")
        begun, stop, rate = context.Event(), context.Event(), context.Value("d", 0.0)
        told = (url, stage.community_id, members, begun, stop, rate)
        worker = context.Process(target=count_on, args=told)
        worker.start()
        try:
            assert await asyncio.to_thread(begun.wait, 60), "the worker never began"
            beside = await waits(client, stage.community_id, reads)
        finally:
            stop.set()
            await asyncio.to_thread(worker.join, 60)
    assert rate.value > 0
    return Figure(
        f"active members of 30 weeks, read while facts are counted, p99, {label}",
        f"{p99(beside):.1f} ms ({len(beside)} reads, {A_SECOND} a second; {rate.value:,.0f} facts/s)",
        f"at rest {p99(rest):.1f} ms",
        p99(beside) / p99(rest),
        SLOWER,
        "most",
    )


def what_was_told(log: Path, after: int = 0) -> tuple[list[Delivery], list[float]]:
    """The messages of a local log that analytics reads, and when each was told."""
    connection = sqlite3.connect(log)
    try:
        rows = connection.execute(
            "SELECT topic, partition, seq, key, value, headers, appended_at FROM records WHERE seq > ? ORDER BY seq",
            (after,),
        ).fetchall()
    finally:
        connection.close()
    wanted = set(definition.handlers.topics())
    kept = [row for row in rows if row[0] in wanted]
    told = [Delivery(*where, key, value, _headers(headers)) for *where, key, value, headers, _ in kept]
    return told, [row[-1] for row in kept]


def _headers(text: str) -> Any:
    return tuple((name, value.encode("latin-1")) for name, value in orjson.loads(text))


def told_by_an_archive(folder: Path) -> tuple[list[Delivery], list[Delivery], float]:
    """What was told before an archive came in, what it told, and how many seconds that took."""
    with embedded(folder / "stack") as stack:
        return _told_by_an_archive(stack)


def _told_by_an_archive(stack: Stack) -> tuple[list[Delivery], list[Delivery], float]:
    assert stack.product is not None
    log = Path(stack.product.env["QUNXUE_DATA_DIR"]) / "log.sqlite"
    journey = Journey(stack, stack.admin())
    try:
        admin = journey.admin
        quiet = admin.post("/v1/communities", QUIETLY, expect=201)
        admin.post(f"/v1/communities/{quiet['id']}/open")
        bring_in(admin, "people", None)
        bring_in(admin, "members", quiet["id"])
        until_silent(log)
        before, _ = what_was_told(log)
        bring_in(admin, "archives", quiet["id"])
        until_silent(log)
    finally:
        journey.close()
    told, at = what_was_told(log, before[-1].offset)
    return before, told, at[-1] - at[0]


def until_silent(log: Path) -> None:
    """Wait until nothing new is told for three seconds."""
    seen, since, until = -1, time.monotonic(), time.monotonic() + MOST_SECONDS
    while time.monotonic() < min(since + 3, until):
        time.sleep(0.3)
        told = len(what_was_told(log)[0])
        if told != seen:
            seen, since = told, time.monotonic()


async def as_fast_as_told(folder: Path) -> Figure:
    before, told, seconds = await asyncio.to_thread(told_by_an_archive, folder)
    async with harness_on(f"sqlite:///{folder}/alone.sqlite") as harness:
        await apply(harness, before)
        rate = await apply(harness, told)
    published = len(told) / seconds
    return Figure(
        f"counting what an archive's import tells, {len(told):,} messages, SQLite",
        f"{rate:,.0f}/s",
        f"told {published:,.0f}/s, embedded",
        rate / published,
        FASTER,
        "least",
    )


def run(reads: int = READS) -> list[Figure]:
    """Both databases, and an archive where there is one."""
    collect_less_often()
    figures = []
    with tempfile.TemporaryDirectory() as folder:
        figures.append(asyncio.run(read_beside("SQLite", f"sqlite:///{folder}/analytics.sqlite", reads)))
        with PostgresServer(fsync=True) as server:
            figures.append(asyncio.run(read_beside("PostgreSQL", server.create_database("analytics"), reads)))
        if ARCHIVE.exists():
            figures.append(asyncio.run(as_fast_as_told(Path(folder))))
    return figures


def main(arguments: Sequence[str]) -> int:
    figures = run(*map(int, arguments))
    for figure in figures:
        print(figure.line())
    return 0 if all(figure.reached for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
