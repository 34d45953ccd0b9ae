"""Retention and active members over ten million facts, answered by the API, beside SQL over the raw facts of the same database.

10,000 members of 20 communities over 730 days, on PostgreSQL and on SQLite. Both sides take turns; what counts is CPU: of this process,
which has SQLite in it, and of the database's server. The raw side asks one community with the plainest SQL that gives the same figures,
and both sides must give the same. The API's side has the whole request in it (token, permission, JSON), without a network.

    python -m benchmarks.retention [FACTS [REPETITIONS]]
"""

import asyncio
import contextlib
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import psutil
from pydantic import SecretStr
from sqlalchemy import insert

from benchmarks.figures import Figure
from chassis.projections.authority import MEMBERSHIP_TOPIC
from chassis.settings import Settings
from chassis.testing import Harness, SettableClock, received
from contracts.membership import CommunityOpened
from services.analytics.definition import definition
from services.analytics.facts.verbs import ACTIVE, numbers
from tests.support.postgres import PostgresServer

MEMBERS, COMMUNITIES, DAYS = 10_000, 20, 730
FIRST = date(2024, 1, 1)
LAST = FIRST + timedelta(days=DAYS - 1)
NOW = datetime(2025, 12, 30, 12, tzinfo=UTC)
ZONE = "Asia/Shanghai"
TO_REACH = 50.0
COMMUNITY = UUID(hex=f"c{7:031x}")
"""The one that is asked for."""

# Who did what when, by the number of the fact: {random} are numbers that look like chance, the same every time.
FILL = (
    "CREATE TABLE who AS SELECT n.i AS i, {member} AS member_id, {community} AS community_id, (n.i * 7919) % 640 AS since FROM {members}",
    (
        "INSERT INTO member_spells (member_id, number, community_id, starts_on, left_on, department_code, job_grade, staff)"
        " SELECT member_id, 0, community_id, {since}, NULL, '', '', {false} FROM who"
    ),
    "INSERT INTO places (id, department_code, job_grade, site, staff) VALUES (1, '', '', '', {false})",
    (
        "INSERT INTO facts (verb, key, community_id, member_id, at, value, about, version, state_version, voided, day, place_id)"
        " SELECT 1 + (f.i * 31 + f.i / 977) % 6, {key}, who.community_id, who.member_id, {at}, NULL, NULL, 1, 1, {false}, {day}, 1"
        " FROM (SELECT n.i, (n.i * 48271 + n.i / 10007) % {count} + 1 AS m, (n.i * 16807 + n.i / 31) % 1000003 AS r FROM {facts}) AS f"
        " JOIN who ON who.i = f.m ORDER BY 5"
    ),
    # In the order in which it happened, as it is written while it does.
    (
        "INSERT INTO member_days (generation, community_id, day, verb, member_id, place_id, n, value)"
        " SELECT 1, community_id, day, verb, member_id, 1, count(*), 0 FROM facts GROUP BY community_id, day, verb, member_id ORDER BY day"
    ),
    *(
        "INSERT INTO member_periods (generation, community_id, grain, starts_on, member_id, staff, deeds, taking_part, reads)"
        f" SELECT 1, community_id, '{grain}', {{{grain}}}, member_id, {{false}},"
        f" sum(CASE WHEN verb IN {{active}} THEN n ELSE 0 END), 0, sum(CASE WHEN verb IN {{active}} THEN 0 ELSE n END)"
        f" FROM member_days GROUP BY community_id, {{{grain}}}, member_id"
        for grain in ("week", "month")
    ),
    "DROP TABLE who",
)

RAW_ACTIVE = (
    "SELECT {month_at}, count(DISTINCT member_id) FROM facts"
    " WHERE community_id = {asked} AND verb IN {active} AND NOT voided GROUP BY 1 ORDER BY 1"
)
RAW_COHORTS = (
    "WITH cohorts AS (SELECT member_id, starts_on FROM member_spells WHERE community_id = {asked}),"
    " deeds AS (SELECT member_id, {day_at} AS day FROM facts"
    " WHERE community_id = {asked} AND verb IN {active} AND NOT voided)"
)
RAW_CALENDAR = RAW_COHORTS + (
    " SELECT {month_joined}, {month_done}, count(DISTINCT deeds.member_id) FROM cohorts JOIN deeds USING (member_id)"
    " GROUP BY 1, 2 ORDER BY 1, 2"
)
RAW_ROLLING = RAW_COHORTS + (
    " SELECT {week_joined}, {week_number}, count(DISTINCT deeds.member_id) FROM cohorts JOIN deeds USING (member_id)"
    " GROUP BY 1, 2 ORDER BY 1, 2"
)

SQLITE = {
    "members": "(WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < {count}) SELECT i FROM c) AS n",
    "facts": "(WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < {many}) SELECT i FROM c) AS n",
    "member": "printf('b%031x', n.i)",
    "community": "printf('c%031x', n.i % {communities})",
    # As ids are: by the moment at which they were made.
    "key": "printf('%06x%026x', since + f.r % ({days} - since), (f.r % 480) * 16777216 + f.i)",
    "since": "date('{first}', '+' || since || ' days')",
    "day": "date('{first}', '+' || (since + f.r % ({days} - since)) || ' days')",
    # Between one and nine in the afternoon there.
    "at": "datetime('{first}', '+' || (since + f.r % ({days} - since)) || ' days', '+' || (300 + f.r % 480) || ' minutes') || '.000000'",
    "month": "date(day, 'start of month')",
    "week": "date(day, '-6 days', 'weekday 1')",
    "day_at": "date(at, '+8 hours')",
    "month_at": "date(at, '+8 hours', 'start of month')",
    "month_joined": "date(starts_on, 'start of month')",
    "month_done": "date(deeds.day, 'start of month')",
    "week_joined": "date(starts_on, '-6 days', 'weekday 1')",
    "week_number": "CAST((julianday(deeds.day) - julianday(starts_on)) / 7 AS INTEGER)",
    "asked": f"'{COMMUNITY.hex}'",
    "false": "0",
}
POSTGRES = {
    "members": "generate_series(1::bigint, {count}) AS n(i)",
    "facts": "generate_series(1::bigint, {many}) AS n(i)",
    "member": "CAST('b' || lpad(to_hex(n.i), 31, '0') AS uuid)",
    "community": "CAST('c' || lpad(to_hex(n.i % {communities}), 31, '0') AS uuid)",
    "key": (
        "CAST(lpad(to_hex(since + f.r % ({days} - since)), 6, '0') || lpad(to_hex((f.r % 480) * 16777216 + f.i), 26, '0') AS uuid)"
    ),
    "since": "CAST('{first}' AS date) + CAST(since AS int)",
    "day": "CAST('{first}' AS date) + CAST(since + f.r % ({days} - since) AS int)",
    "at": (
        "CAST('{first}T00:00:00Z' AS timestamptz) + CAST(since + f.r % ({days} - since) AS int) * interval '1 day'"
        " + CAST(300 + f.r % 480 AS int) * interval '1 minute'"
    ),
    "month": "CAST(date_trunc('month', day) AS date)",
    "week": "CAST(date_trunc('week', day) AS date)",
    "day_at": f"CAST(at AT TIME ZONE '{ZONE}' AS date)",
    "month_at": f"CAST(date_trunc('month', at AT TIME ZONE '{ZONE}') AS date)",
    "month_joined": "CAST(date_trunc('month', starts_on) AS date)",
    "month_done": "CAST(date_trunc('month', deeds.day) AS date)",
    "week_joined": "CAST(date_trunc('week', starts_on) AS date)",
    "week_number": "(deeds.day - starts_on) / 7",
    "asked": f"CAST('{COMMUNITY}' AS uuid)",
    "false": "false",
}


@dataclass(frozen=True)
class Question:
    """What both sides are asked: by path and query, and by SQL; `key` makes of an answer what the SQL gives."""

    name: str
    path: str
    query: Mapping[str, str]
    raw: str
    key: Callable[[Any], list[tuple[str, ...]]]
    to_reach: float = TO_REACH


def _active(answer: Any) -> list[tuple[str, ...]]:
    return [(item["from"], str(int(item["value"]))) for item in answer["items"]]


def _by_month(answer: Any) -> list[tuple[str, ...]]:
    months = [item["cohort"] for item in answer["items"]]
    return sorted(
        (item["cohort"], months[place + k], str(cell["n"]))
        for place, item in enumerate(answer["items"])
        for k, cell in enumerate(item["cells"])
        if cell and cell["n"]
    )


def _by_number(answer: Any) -> list[tuple[str, ...]]:
    return sorted(
        (item["cohort"], str(k), str(cell["n"]))
        for item in answer["items"]
        for k, cell in enumerate(item["cells"])
        if cell and cell["n"]
    )


WHOLE = {"community_id": str(COMMUNITY), "from": FIRST.isoformat(), "to": LAST.isoformat()}
QUESTIONS = (
    Question(
        "active members of 24 months", "/v1/metrics/active_members", WHOLE | {"grain": "month"}, RAW_ACTIVE, _active
    ),
    Question("retention of 24 monthly cohorts", "/v1/retention", WHOLE | {"cohort": "month"}, RAW_CALENDAR, _by_month),
    Question(
        "rolling retention of 105 weekly cohorts",
        "/v1/retention",
        WHOLE | {"cohort": "week", "count": "rolling"},
        RAW_ROLLING,
        _by_number,
    ),
)


class Books:
    """One database with so many facts of one installation."""

    def __init__(self, harness: Harness, facts: int, url: str, server: psutil.Process | None) -> None:
        self._harness = harness
        self._url = url
        self._server = server
        said = SQLITE if harness.runtime.database.is_sqlite else POSTGRES
        sizes = {
            "count": MEMBERS,
            "many": facts,
            "communities": COMMUNITIES,
            "days": DAYS,
            "first": FIRST.isoformat(),
        }
        active = f"({', '.join(map(str, numbers(ACTIVE)))})"
        self._said: dict[str, Any] = (
            {name: how.format(**sizes) for name, how in said.items()} | sizes | {"active": active}
        )
        self.client: httpx.AsyncClient = harness.as_service("metrics.read", "retention.read", communities=[COMMUNITY])

    async def fill(self) -> None:
        opened = CommunityOpened(
            community_id=COMMUNITY,
            slug="counted",
            name="Counted",
            kind="training",
            status="open",
            visibility="internal",
            join="open",
            time_zone=ZONE,
            day_starts_at=clock_time(0),
            streak_days="every_day",
            charter_version=1,
        )
        await self._harness.deliver(received(opened, occurred_at=NOW - timedelta(days=900)))
        progress = self._harness.runtime.service.tables.messaging.consumer_progress
        async with self._harness.runtime.database.transaction() as session:
            fresh = {
                "consumer": self._harness.runtime.name,
                "topic": MEMBERSHIP_TOPIC,
                "partition": 0,
                "next_offset": 0,
            }
            await session.execute(insert(progress).values(fresh | {"caught_up_at": NOW, "updated_at": NOW}))
        for statement in FILL:
            await self._execute(statement.format(**self._said))
        await self._execute("ANALYZE")

    async def _execute(self, statement: str) -> list[tuple[str, ...]]:
        """By the bare driver: nobody is cheaper, and nothing has a limit of time."""
        if self._server is None:
            with contextlib.closing(sqlite3.connect(self._url.removeprefix("sqlite:///"))) as file, file:
                return [tuple(map(str, row)) for row in file.execute(statement)]
        connection = await asyncpg.connect(self._url.replace("+asyncpg", ""))
        try:
            return [tuple(map(str, row)) for row in await connection.fetch(statement)]
        finally:
            await connection.close()

    async def ours(self, question: Question) -> httpx.Response:
        answer = await self.client.get(question.path, params=dict(question.query))
        assert answer.status_code == 200, answer.text
        return answer

    async def raw(self, question: Question) -> list[tuple[str, ...]]:
        return sorted(await self._execute(question.raw.format(**self._said)))

    def cpu(self) -> float:
        """Seconds of CPU that this process and the database's have had so far, those that have ended included."""
        own = psutil.Process().cpu_times()
        seconds = own.user + own.system
        if self._server is not None:
            times = self._server.cpu_times()
            seconds += times.user + times.system + times.children_user + times.children_system
            for backend in self._server.children():
                with contextlib.suppress(psutil.NoSuchProcess):
                    spent = backend.cpu_times()
                    seconds += spent.user + spent.system
        return float(seconds)

    async def cost(self, side: Callable[[Question], Awaitable[Any]], question: Question, times: int) -> float:
        """Milliseconds of CPU of one of so many, the median of three rounds."""
        taken = []
        for _ in range(3):
            begun = self.cpu()
            for _ in range(times):
                await side(question)
            taken.append((self.cpu() - begun) * 1000 / times)
        return statistics.median(taken)


async def compare(name: str, books: Books, facts: int, repetitions: int) -> list[Figure]:
    begun = time.perf_counter()
    await books.fill()
    print(f"{name}: {facts:,} facts written in {time.perf_counter() - begun:.0f} s", flush=True)
    return await answered(name, books, facts, repetitions)


async def answered(name: str, books: Books, facts: int, repetitions: int) -> list[Figure]:
    """Each question about facts that are there."""
    figures = []
    for question in QUESTIONS:
        expected = await books.raw(question)
        found = question.key((await books.ours(question)).json())
        assert found == expected, (question.name, len(found), len(expected), found[:5], expected[:5])
        raw = await books.cost(books.raw, question, 1)
        # What a process has had is told in hundredths of a second.
        ours = await books.cost(books.ours, question, repetitions)
        figures.append(
            Figure(
                f"{question.name} of {facts:,} facts, {name}: CPU of SQL over the raw facts, compared with the API's",
                f"{raw:.0f} ms",
                f"{ours:.1f} ms",
                raw / ours,
                question.to_reach,
                "least",
            )
        )
        print(figures[-1].line(), flush=True)
    return figures


def run(facts: int = 10_000_000, repetitions: int = 20) -> list[Figure]:
    """Each question on each database."""
    return asyncio.run(measure(facts, repetitions))


async def measure(facts: int, repetitions: int) -> list[Figure]:
    figures = []
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            data_dir=Path(folder), secret_key=SecretStr("only-for-benchmarks-only-for-benchmarks"), mode="embedded"
        )
        with PostgresServer() as server:
            process = psutil.Process(server.pid)
            for name, url, whose in (
                ("PostgreSQL", server.create_database("analytics"), process),
                ("SQLite", f"sqlite:///{folder}/analytics.sqlite", None),
            ):
                async with Harness(
                    definition, settings, database_url=url, clock=SettableClock(NOW), held=False
                ) as harness:
                    figures += await compare(name, Books(harness, facts, url, whose), facts, repetitions)
    return figures


if __name__ == "__main__":
    found = run(*(int(argument) for argument in sys.argv[1:]))
    for figure in found:
        print(figure.line())
    sys.exit(0 if all(figure.reached for figure in found) else 1)
