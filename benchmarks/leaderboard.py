"""A page of a leaderboard among a million members against the same page among a thousand, on PostgreSQL and on SQLite.

Both communities are in one database; the two sides take turns, so that whatever else the machine does meets both. Measured
are the whole request (token, permission, page of 100, names, levels, own rank) without a network, of everybody and of a cohort
of half of them, and its statement alone.

    python -m benchmarks.leaderboard [MEMBERS [REPETITIONS]]
"""

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path
from uuid import UUID

import httpx
from sqlalchemy import insert, text

from benchmarks.figures import Figure
from chassis.ids import new_id
from chassis.settings import Settings
from chassis.testing import Harness, SettableClock, received
from contracts.membership import CommunityOpened
from services.gamification.definition import definition
from services.gamification.leaderboards.models import BoardWindow
from services.gamification.leaderboards.queries import On, below
from services.gamification.leaderboards.rules import Period, window_of
from tests.support.postgres import PostgresServer

NOW = datetime(2026, 3, 4, 4, tzinfo=UTC)
FEW = 1_000
TO_REACH = 1.5
COHORT = UUID(int=0xC0)
"""Half of either community is in it."""

# One spelling for both databases, with what differs filled in: {n} numbers the rows, {id} and {at} make ids and moments of them.
FILL = (
    (
        "INSERT INTO known_people (id, display_name, kind, status, version)"
        " SELECT {person}, 'Person ' || n.i, 'employee', 'active', 1 FROM {n}"
    ),
    (
        "INSERT INTO known_members (id, community_id, person_id, roles, status, acknowledged, joined_at, via, cohort_id, version)"
        " SELECT {member}, {community}, {person}, '[]', 'active', {true}, {start}, 'import', {cohort}, 1 FROM {n}"
    ),
    (
        "INSERT INTO wallets (member_id, community_id, points, xp, messages_published, joined_at, standing_changed,"
        " level_position, created_at)"
        " SELECT {member}, {community}, 0, 1 + (n.i * 7919) % 100003, 0, {start}, {false}, 0, {start} FROM {n}"
    ),
    (
        "INSERT INTO board_scores (window_id, member_id, deficit, reached_at, listed, cohort_id)"
        " SELECT {window}, {member}, -1 - (n.i * 7919) % 100003, {at}, {true}, {cohort} FROM {n}"
    ),
)


class Side:
    """One community with so many members on its board of all time."""

    def __init__(self, harness: Harness, members: int, offset: int) -> None:
        self.harness = harness
        self.members = members
        self.offset = offset
        self.community_id = new_id()
        self.window_id = new_id()
        self.client: httpx.AsyncClient = harness.anonymous()

    async def fill(self) -> None:
        """Open the community and put its members on the board."""
        opened = CommunityOpened(
            community_id=self.community_id,
            slug=f"board-{self.members}",
            name="Board",
            kind="training",
            status="open",
            visibility="internal",
            join="open",
            time_zone="Asia/Shanghai",
            day_starts_at=clock_time(0),
            streak_days="every_day",
            charter_version=1,
        )
        await self.harness.deliver(received(opened, occurred_at=NOW - timedelta(days=400)))
        window = window_of(date(2026, 3, 4), Period.ALL_TIME)
        async with self.harness.runtime.database.transaction() as session:
            await session.execute(
                insert(BoardWindow).values(
                    id=self.window_id,
                    community_id=self.community_id,
                    period=window.period.value,
                    from_day=window.from_day,
                )
            )
            spelling = self._spelling()
            for statement in FILL:
                await session.execute(text(statement.format(**spelling)))
        # The last of the few and the one just behind the thousandth of the many: as much counting for either.
        self.client = self.harness.as_person(self._person(await self._at_rank(min(self.members, 1_001))))

    def _spelling(self) -> dict[str, str]:
        first, last = self.offset + 1, self.offset + self.members
        if self.harness.runtime.database.is_sqlite:
            numbers = (
                f"(WITH RECURSIVE counted(i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM counted WHERE i < {last})"
                " SELECT i FROM counted) AS n"
            )
            return {
                "n": numbers,
                "person": "printf('a%031x', n.i)",
                "member": "printf('b%031x', n.i)",
                "community": f"'{self.community_id.hex}'",
                "window": f"'{self.window_id.hex}'",
                "cohort": f"CASE WHEN n.i % 2 = 0 THEN '{COHORT.hex}' END",
                "start": "'2025-01-01 00:00:00.000000'",
                "at": "strftime('%Y-%m-%d %H:%M:%S', 1735689600 + (n.i * 31) % 30000000, 'unixepoch') || '.000000'",
                "true": "1",
                "false": "0",
            }
        return {
            "n": f"generate_series({first}::bigint, {last}::bigint) AS n(i)",
            "person": "CAST('a' || lpad(to_hex(n.i), 31, '0') AS uuid)",
            "member": "CAST('b' || lpad(to_hex(n.i), 31, '0') AS uuid)",
            "community": f"CAST('{self.community_id}' AS uuid)",
            "window": f"CAST('{self.window_id}' AS uuid)",
            "cohort": f"CASE WHEN n.i % 2 = 0 THEN CAST('{COHORT}' AS uuid) END",
            "start": "CAST('2025-01-01T00:00:00Z' AS timestamptz)",
            "at": "to_timestamp(1735689600 + (n.i * 31) % 30000000)",
            "true": "true",
            "false": "false",
        }

    async def _at_rank(self, rank: int) -> UUID:
        async with self.harness.runtime.database.reading() as session:
            return (await below(session, On(self.window_id), after=None, first_rank=1, limit=rank))[-1].member_id

    def _person(self, member_id: UUID) -> UUID:
        return UUID(hex="a" + member_id.hex[1:])

    async def top(self) -> None:
        """The first page, with the caller's own rank."""
        await self._page({})

    async def middle(self) -> None:
        """A page in the middle of the board."""
        await self._page({"around": str(UUID(hex=f"b{self.offset + self.members // 2:031x}"))})

    async def cohort(self) -> None:
        """The first page of the cohort."""
        await self._page({"cohort_id": str(COHORT)})

    async def within(self) -> None:
        """A page in the middle of the cohort."""
        # The numbers of the cohort are even.
        middle = (self.offset + self.members // 2) // 2 * 2
        await self._page({"cohort_id": str(COHORT), "around": str(UUID(hex=f"b{middle:031x}"))})

    async def statement(self) -> None:
        """The page's statement alone, from the middle of the board."""
        async with self.harness.runtime.database.reading() as session:
            found = await below(
                session, On(self.window_id), after=(-50_000, NOW, UUID(int=0)), first_rank=None, limit=101
            )
        assert len(found) == 101

    async def _page(self, query: dict[str, str]) -> None:
        response = await self.client.get(
            "/v1/leaderboards",
            params={"community_id": str(self.community_id), "period": "all_time", "limit": 100} | query,
        )
        assert response.status_code == 200, response.text
        assert len(response.json()["items"]) >= 99


async def times(
    one: Callable[[], Awaitable[None]], other: Callable[[], Awaitable[None]], repetitions: int
) -> tuple[float, float]:
    """The median of each in milliseconds, in turns."""
    taken: tuple[list[float], list[float]] = ([], [])
    for repetition in range(repetitions + 10):
        for work, results in zip((one, other), taken, strict=True):
            begun = time.perf_counter()
            await work()
            if repetition >= 10:  # the first ones warm caches
                results.append((time.perf_counter() - begun) * 1000)
    return statistics.median(taken[0]), statistics.median(taken[1])


async def compare(name: str, harness: Harness, members: int, repetitions: int) -> float:
    """Fill one database, measure and print; returns the worst ratio."""
    begun = time.perf_counter()
    few, many = Side(harness, FEW, 0), Side(harness, members, FEW)
    await few.fill()
    await many.fill()
    async with harness.runtime.database.transaction() as session:
        await session.execute(text("ANALYZE"))
    print(f"{name}: {members:,} members written in {time.perf_counter() - begun:.0f} s")
    begun = time.perf_counter()
    await many.middle()
    print(f"  first reader of a minute behind rank 1,000 of {members:,}: {(time.perf_counter() - begun) * 1000:.0f} ms")
    worst = 0.0
    for title in ("top", "middle", "cohort", "within", "statement"):
        small, large = await times(getattr(few, title), getattr(many, title), repetitions)
        worst = max(worst, large / small)
        print(
            f"  {getattr(Side, title).__doc__:<58} {FEW:,}: {small:6.2f} ms   {members:,}: {large:6.2f} ms"
            f"   ratio {large / small:.2f}"
        )
    return worst


def run(members: int = 1_000_000, repetitions: int = 200) -> list[Figure]:
    """The worst page of each database."""
    return asyncio.run(measure(members, repetitions))


async def measure(members: int, repetitions: int) -> list[Figure]:
    """Measure both databases."""
    ratios = {}
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            data_dir=Path(folder), secret_key="only-for-benchmarks-only-for-benchmarks", mode="embedded"
        )
        with PostgresServer() as server:
            urls = {
                "PostgreSQL": server.create_database("gamification"),
                "SQLite": f"sqlite:///{folder}/gamification.sqlite",
            }
            for name, url in urls.items():
                async with Harness(
                    definition, settings, database_url=url, clock=SettableClock(NOW), held=False
                ) as harness:
                    ratios[name] = await compare(name, harness, members, repetitions)
    return [
        Figure(f"leaderboard page of 100, {name}", f"{members:,} members", f"{FEW:,} members", ratio, TO_REACH, "most")
        for name, ratio in ratios.items()
    ]


if __name__ == "__main__":
    figures = run(*(int(argument) for argument in sys.argv[1:]))
    for figure in figures:
        print(figure.line())
    sys.exit(0 if all(figure.reached for figure in figures) else 1)
