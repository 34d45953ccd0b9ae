"""Adding up ten million facts anew, beside live answers; and how large a fact is then, with its indexes.

The facts are those of `benchmarks.retention`. The job runs in a process of its own on the same database, as a worker does; meanwhile the
active members of the last twelve months are asked for, four times a second. The time is until the new generation is read; the one before
is deleted after that. Facts here are about nothing, so their rows are somewhat smaller than those of an installation. With `answers` the
questions of `benchmarks.retention` are measured before it over the same facts, which take the most time to write.

    python -m benchmarks.rebuild [FACTS [DATABASE [answers]]]
"""

import asyncio
import multiprocessing
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil
from pydantic import SecretStr
from sqlalchemy import text

from benchmarks.facts import BYTES, size_of
from benchmarks.figures import Figure
from benchmarks.history import p99
from benchmarks.retention import COMMUNITY, LAST, NOW, Books, answered
from chassis.jobs import start_job
from chassis.memory import collect_less_often
from chassis.settings import Settings
from chassis.testing import Harness, SettableClock
from services.analytics.definition import definition
from services.analytics.facts.rebuilding import REBUILD, begin
from tests.support.postgres import PostgresServer

FACTS = 10_000_000
A_SECOND = 4
REPETITIONS = 20
AT_REST = 100
MOST_MINUTES = 10.0
MOST_MIB = 400.0
SLOWER = 3.0
GIVES_UP = 3600.0
YEAR = {"community_id": str(COMMUNITY), "from": "2025-01-01", "to": LAST.isoformat(), "grain": "month"}


def harness_on(url: str, folder: Path, *, migrated: bool = False) -> Harness:
    settings = Settings(data_dir=folder, secret_key=SecretStr("b" * 32))
    return Harness(definition, settings, database_url=url, clock=SettableClock(NOW), held=False, migrated=migrated)


def rebuild_on(url: str, folder: Path, resident: Any) -> None:
    """A worker in a process of its own: it begins a generation, and goes on until the one before is gone."""

    async def work() -> None:
        async with harness_on(url, folder, migrated=True) as harness:
            async with harness.runtime.database.transaction() as session:
                assert await begin(session)
                await start_job(session, REBUILD, {}, caller=None, now=NOW)
            await harness.run_jobs()

    collect_less_often()
    asyncio.run(work())
    resident.value = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def asked(harness: Harness, client: Any) -> tuple[float, int]:
    """How many milliseconds an answer took, and which generation is read."""
    at = time.perf_counter()
    answer = await client.get("/v1/metrics/active_members", params=YEAR)
    took = (time.perf_counter() - at) * 1000
    assert answer.status_code == 200, answer.text
    async with harness.runtime.database.reading() as session:
        reading = (await session.execute(text("SELECT reading FROM rollup_generations"))).scalar_one()
    return took, int(reading)


async def measure(
    label: str, url: str, facts: int, folder: Path, server: psutil.Process | None, answers: bool
) -> list[Figure]:
    """One database's figures."""
    figures = []
    async with harness_on(url, folder) as harness:
        books = Books(harness, facts, url, server)
        begun = time.monotonic()
        await books.fill()
        print(f"{label}: {facts:,} facts written in {time.monotonic() - begun:.0f} s", flush=True)
        if answers:
            figures += await answered(label, books, facts, REPETITIONS)
        client = books.client
        rest = sorted([(await asked(harness, client))[0] for _ in range(AT_REST)])
        before = (await client.get("/v1/metrics/active_members", params=YEAR)).json()["items"]
        context = multiprocessing.get_context("spawn")
        resident = context.Value("d", 0.0)
        worker = context.Process(target=rebuild_on, args=(url, folder, resident))
        began, swapped, beside = time.monotonic(), 0.0, []
        worker.start()
        while worker.is_alive() and time.monotonic() < began + GIVES_UP:
            took, reading = await asked(harness, client)
            if reading == 1:
                beside.append(took)
            elif not swapped:
                swapped = time.monotonic() - began
                print(f"{label}: read after {swapped:.0f} s", flush=True)
            await asyncio.sleep(1 / A_SECOND)
        assert worker.exitcode == 0, "the worker did not come to an end"
        whole = time.monotonic() - began
        assert (await client.get("/v1/metrics/active_members", params=YEAR)).json()["items"] == before
        size = await size_of(harness, facts)
    minutes, load = swapped / 60, psutil.getloadavg()[2]
    figures += [
        Figure(
            f"{facts:,} facts added up anew, {label}",
            f"{minutes:.1f} min (load {load:.0f} on {psutil.cpu_count()} processors; the generation before is gone after {whole / 60:.1f} min)",
            "",
            minutes,
            MOST_MINUTES * facts / FACTS,
            "most",
            "min",
        ),
        Figure(
            f"the same, {label}: resident", f"{resident.value:.0f} MiB", "", resident.value, MOST_MIB, "most", "MiB"
        ),
        Figure(
            f"active members of a year, read meanwhile, p99, {label}",
            f"{p99(sorted(beside)):.1f} ms ({len(beside)} reads)",
            f"at rest {p99(rest):.1f} ms",
            p99(sorted(beside)) / p99(rest),
            SLOWER,
            "most",
        ),
        Figure(f"a fact of {facts:,} with its indexes, {label}", f"{size:.0f} bytes", "", size, BYTES, "most", "bytes"),
    ]
    return figures


def run(facts: int = FACTS, database: str = "", answers: str = "") -> list[Figure]:
    """Both databases, or one."""
    collect_less_often()
    figures = []
    if database in ("", "postgresql"):
        with tempfile.TemporaryDirectory() as folder, PostgresServer(fsync=True) as server:
            url = server.create_database("analytics")
            figures += asyncio.run(
                measure("PostgreSQL", url, facts, Path(folder), psutil.Process(server.pid), bool(answers))
            )
    if database in ("", "sqlite"):
        with tempfile.TemporaryDirectory() as folder:
            url = f"sqlite:///{folder}/analytics.sqlite"
            figures += asyncio.run(measure("SQLite", url, facts, Path(folder), None, bool(answers)))
    return figures


if __name__ == "__main__":
    facts, *which = sys.argv[1:] or [str(FACTS)]
    found = run(int(facts), *which)
    for figure in found:
        print(figure.line())
    sys.exit(0 if all(figure.reached for figure in found) else 1)
