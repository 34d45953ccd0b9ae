"""Points that run out: 1,000,000 lots of 100,000 members in one day, those reminded of them before, and `ledger verify` over all.

One process serves and runs the job, as an embedded installation does; another asks it meanwhile. Measured are the processor time of
each lot compared with that of 10,000 lots in another database, the longest transaction, memory, and how long live requests wait.

    python -m benchmarks.points_expiry [LOTS [FEW]]
"""

import asyncio
import sqlite3
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import asynccontextmanager, closing, contextmanager
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import psutil
from pydantic import SecretStr
from sqlalchemy import func, insert, select, text

from benchmarks.asking import LOOK_SECONDS, look
from benchmarks.crowd import Crowd
from benchmarks.figures import Figure, end_with
from benchmarks.servers import served
from chassis.jobs import JobRun, start_job
from chassis.settings import Settings
from chassis.testing import Harness, SettableClock
from services.gamification.definition import definition
from services.gamification.ledger.expiring import EXPIRE
from services.gamification.ledger.models import ExpiryPolicy, LotRow
from services.gamification.ledger.reminding import REMIND
from services.gamification.ledger.verification import snapshot, verify
from tests.support.postgres import PostgresServer

LOTS, FEW, EACH = 1_000_000, 10_000, 10
SAID = datetime(2025, 1, 2, tzinfo=UTC)
MORNING = datetime(2025, 12, 25, 1, tzinfo=UTC)
"""Nine in Shanghai, seven days before the year is over; and the first day of the next."""
OVER = datetime(2025, 12, 31, 16, 10, tzinfo=UTC)
GROWTH, WAITED_MS, LONGEST_MS, MEMORY_MIB, LOG_MIB = 1.5, 2000.0, 2000.0, 150.0, 128.0

LOTS_OF_MEMBERS = (
    (
        "INSERT INTO ledger_transfers (id, posting_id, community_id, member_id, currency, debit, credit, amount, kind, source_id,"
        " source_type, occurred_at, recorded_at, actor, idempotency_key)"
        " SELECT {transfer}, {transfer}, {community}, {owner}, 'points', 'issuance', 'wallet', 5, 'award', {transfer},"
        " 'checkin.recorded', {earned}, {earned}, 'system', {transfer} FROM {rows}"
    ),
    (
        "INSERT INTO ledger_lots (id, member_id, community_id, rule_code, source_id, earned_at, remaining, held, expired)"
        " SELECT {lot}, {owner}, {community}, '', {transfer}, {earned}, 5, 0, 0 FROM {rows}"
    ),
)


# --- the process that answers ---------------------------------------------------------------------------------------


class Watched:
    """What a job takes: processor time, its transactions, memory, and the write-ahead log of SQLite."""

    def __init__(self, log: Path | None) -> None:
        self.steps: list[float] = []
        self.cpu = self.seconds = self.memory = self.log = 0.0
        self._log = log

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Around a job."""
        step, process = JobRun.step, psutil.Process()
        before, cpu, began = process.memory_info().rss, time.process_time(), time.perf_counter()
        peak = before

        @asynccontextmanager
        async def timed(job: JobRun) -> AsyncIterator[Any]:
            nonlocal peak
            started = time.perf_counter()
            async with step(job) as session:
                yield session
            self.steps.append((time.perf_counter() - started) * 1000)
            peak = max(peak, process.memory_info().rss)
            if self._log is not None and self._log.exists():
                self.log = max(self.log, self._log.stat().st_size / 2**20)

        JobRun.step = timed  # type: ignore[method-assign]
        try:
            yield
        finally:
            JobRun.step = step  # type: ignore[method-assign]
        self.cpu, self.seconds = time.process_time() - cpu, time.perf_counter() - began
        self.memory = (max(peak, process.memory_info().rss) - before) / 2**20


class Year:
    """A community whose points run out with the year, and so many lots."""

    def __init__(self, harness: Harness, lots: int) -> None:
        self.harness = harness
        self.lots = lots
        self.crowd = Crowd(harness, lots // EACH)

    async def fill(self) -> None:
        crowd = self.crowd
        await crowd.open("year")
        await crowd.fill(points=str(5 * EACH), lots_kept="1" if crowd.sqlite else "true", xp="0")
        said = {
            "rows": crowd.numbers(0, self.lots - 1),
            "owner": crowd.id_of("b", f"1 + n.i / {EACH}"),
            "transfer": crowd.id_of("c"),
            "lot": crowd.id_of("d"),
            "earned": crowd.at("86400 + (n.i * 31) % 20000000"),
        }
        await crowd.write(LOTS_OF_MEMBERS, said)
        policy = ExpiryPolicy(community_id=crowd.community_id, kind="year_end", since=SAID, set_by="system")
        # Told thirty days before, and of no day after.
        policy.reminded_on = MORNING.date() - timedelta(days=1)
        async with self.harness.runtime.database.transaction() as session:
            await session.execute(insert(ExpiryPolicy).values(policy.model_dump()))
        await crowd.analyzed()

    async def job(self, kind: str, at: datetime, log: Path | None) -> Watched:
        """Run a job of the ledger as of a moment."""
        self.harness.clock.now = at
        params = {"community_id": str(self.crowd.community_id), "now": at.isoformat()}
        async with self.harness.runtime.database.transaction() as session:
            await start_job(session, kind, params, caller=None, now=at, community_id=self.crowd.community_id)
        watched = Watched(log)
        with watched.watching():
            await self.harness.run_jobs()
        return watched

    async def left(self) -> int:
        """Lots that have points left."""
        lots = LotRow.__table__  # type: ignore[attr-defined]
        async with self.harness.runtime.database.reading() as session:
            return int((await session.execute(select(func.count()).where(lots.c.remaining > 0))).scalar_one())


async def expired(name: str, url: str, lots: int, log: Path | None) -> tuple[list[Figure], float, float]:
    """The figures of one database, with the milliseconds of CPU for each lot, and for each in `ledger verify`."""
    settings = Settings(data_dir=Path(tempfile.mkdtemp()), secret_key=SecretStr("b" * 32))
    began_at, stop = (Path(tempfile.mkdtemp()) / name for name in ("began", "stop"))
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as processes:
        async with Harness(definition, settings, database_url=url, clock=SettableClock(MORNING), held=False) as harness:
            year = Year(harness, lots)
            began = time.perf_counter()
            await year.fill()
            print(f"{name}: {lots:,} lots written in {time.perf_counter() - began:.0f} s", flush=True)
            if log is not None:
                _empty(log)
            reader = year.crowd.member(year.crowd.members)
            token = harness.as_person(year.crowd.person(year.crowd.members)).headers["Authorization"]
            async with served(harness.app) as address:
                asking = asyncio.get_running_loop().run_in_executor(
                    processes, look, address, token, f"/v1/wallets/{reader}", str(began_at), str(stop)
                )
                while not began_at.exists():
                    await asyncio.sleep(LOOK_SECONDS)
                reminding = await year.job(REMIND, MORNING, log)
                wal = await _written(harness)
                expiring = await year.job(EXPIRE, OVER, log)
                wal = await _written(harness) - wal
                stop.touch()
                answers = await asking
            if await year.left() or set(answers.statuses) != {200}:
                raise RuntimeError(f"{await year.left()} lots are left; {answers.statuses}")
            async with harness.runtime.database.reading() as session:
                await snapshot(session)
                cpu, began = time.process_time(), time.perf_counter()
                verdict = await verify(session)
                cpu, took = time.process_time() - cpu, time.perf_counter() - began
            if not verdict.holds:
                raise RuntimeError(f"{verdict.broken} faults: {verdict.faults[:3]}")
    each, verified = expiring.cpu / lots * 1000, cpu / lots * 1000
    print(
        f"{name}: {lots:,} lots: reminders {reminding.seconds:.1f} s in {len(reminding.steps)} transactions, expiry {expiring.seconds:.0f} s"
        f" in {len(expiring.steps)}, {each:.3f} ms CPU each, longest {max(expiring.steps):.0f} ms, {expiring.memory:.0f} MiB more, log"
        f" {expiring.log:.0f} MiB, {wal / lots / 1024:.2f} KiB of log each; verify {took:.0f} s, {verified:.4f} ms CPU each",
        flush=True,
    )
    chunks = f"{len(expiring.steps):,} chunks in {expiring.seconds:.0f} s"
    figures = [
        Figure(
            f"live requests while {lots:,} lots run out, p99, {name}",
            f"{answers.p99:.0f} ms ({len(answers.seconds)} requests, ten a second)",
            chunks,
            answers.p99,
            WAITED_MS,
            "most",
            "ms",
        ),
        Figure(
            f"the longest transaction of that, {name}",
            f"{max(expiring.steps):.0f} ms",
            chunks,
            max(expiring.steps),
            LONGEST_MS,
            "most",
            "ms",
        ),
        Figure(
            f"the longest transaction of the reminders of these lots, {name}",
            f"{max(reminding.steps):.0f} ms ({year.crowd.members:,} members told)",
            f"{reminding.seconds:.1f} s in all",
            max(reminding.steps),
            LONGEST_MS,
            "most",
            "ms",
        ),
        Figure(
            f"memory that grew meanwhile, {name}",
            f"{expiring.memory:.0f} MiB",
            "",
            expiring.memory,
            MEMORY_MIB,
            "most",
            "MiB",
        ),
    ]
    if log is not None:
        size = f"{expiring.log:.0f} MiB"
        figures.append(Figure("its write-ahead log, SQLite", size, "", expiring.log, LOG_MIB, "most", "MiB"))
    return figures, each, verified


async def _written(harness: Harness) -> float:
    """Bytes of write-ahead log that PostgreSQL has written so far."""
    if harness.runtime.database.is_sqlite:
        return 0.0
    async with harness.runtime.database.reading() as session:
        found = await session.execute(text("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')"))
        return float(found.scalar_one())


def _empty(log: Path) -> None:
    """Make the log as short as it is in a database that was not filled at once."""
    with closing(sqlite3.connect(str(log).removesuffix("-wal"))) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def run(lots: int = LOTS, few: int = FEW) -> list[Figure]:
    """On both databases."""
    figures: list[Figure] = []
    with PostgresServer() as server, tempfile.TemporaryDirectory() as folder:
        for name in ("SQLite", "PostgreSQL"):
            each: list[tuple[float, float]] = []
            found: list[Figure] = []
            for size in (few, lots):
                file = Path(folder) / f"{size}.db"
                at = f"sqlite+aiosqlite:///{file}" if name == "SQLite" else server.create_database(f"lots_{size}")
                log = Path(f"{file}-wal") if name == "SQLite" else None
                found, *costs = asyncio.run(expired(name, at, size, log))
                each.append((costs[0], costs[1]))
            (few_cpu, few_verified), (cpu, verified) = each
            what, beside = f"{lots:,} lots that run out, CPU each, {name}", f"of {few:,} lots"
            figures.append(Figure(what, f"{cpu:.3f} ms", f"{beside} {few_cpu:.3f} ms", cpu / few_cpu, GROWTH, "most"))
            what = f"`ledger verify` over them, CPU for each lot, {name}"
            sides = f"{verified:.4f} ms", f"{beside} {few_verified:.4f} ms"
            figures.append(Figure(what, *sides, verified / few_verified, GROWTH, "most"))
            figures += found
    return figures


def main() -> None:
    end_with(run(*(int(argument) for argument in sys.argv[1:])))


if __name__ == "__main__":
    main()
