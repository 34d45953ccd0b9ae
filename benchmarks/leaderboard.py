"""A page of a leaderboard among a million members against the same page among a thousand, on PostgreSQL and on SQLite.

Both communities are in one database; the two sides take turns, so that whatever else the machine does meets both. Measured
are the whole request (token, permission, page of 100, names, levels, own rank) without a network, of everybody, of a cohort of
half of them and of a department of a quarter, and its statement alone.

    python -m benchmarks.leaderboard [MEMBERS [REPETITIONS]]
"""

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import httpx
from sqlalchemy import insert, text

from benchmarks.crowd import MEMBERS, Crowd
from benchmarks.figures import Figure, end_with
from chassis.ids import new_id
from chassis.settings import Settings
from chassis.testing import Harness, SettableClock
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
DEPARTMENT = "FOUR"
"""A quarter of either works in it."""

SCORES = (
    (
        "INSERT INTO board_scores (window_id, member_id, deficit, reached_at, listed, cohort_id, department)"
        " SELECT {window}, {member}, -1 - (n.i * 7919) % 100003, {reached}, {true}, {cohort}, {department} FROM {n}"
    ),
)


class Side(Crowd):
    """One community with so many members on its board of all time."""

    def __init__(self, harness: Harness, members: int, offset: int) -> None:
        super().__init__(harness, members, offset + 1)
        self.offset = offset
        self.window_id = new_id()
        self.client: httpx.AsyncClient = harness.anonymous()

    async def fill_board(self) -> None:
        """Open the community and put its members on the board."""
        await self.open(f"board-{self.members}")
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
        said = {
            "window": self.id(self.window_id),
            "cohort": f"CASE WHEN n.i % 2 = 0 THEN {self.id(COHORT)} END",
            "department": f"CASE WHEN n.i % 4 = 0 THEN '{DEPARTMENT}' ELSE 'D' || n.i % 97 END",
            "reached": self.at("(n.i * 31) % 30000000"),
        }
        await self.write((*MEMBERS, *SCORES), said)
        # The last of the few and the one just behind the thousandth of the many: as much counting for either.
        self.client = self.harness.as_person(self._person(await self._at_rank(min(self.members, 1_001))))

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
        await self._page({"around": str(self.member(self.offset + self.members // 2))})

    async def cohort(self) -> None:
        """The first page of the cohort."""
        await self._page({"cohort_id": str(COHORT)})

    async def within(self) -> None:
        """A page in the middle of the cohort."""
        # The numbers of the cohort are even.
        middle = (self.offset + self.members // 2) // 2 * 2
        await self._page({"cohort_id": str(COHORT), "around": str(self.member(middle))})

    async def department(self) -> None:
        """The first page of a department, of a quarter of them."""
        await self._page({"department": DEPARTMENT})

    async def within_department(self) -> None:
        """A page in the middle of the department."""
        # The numbers of the department are multiples of four.
        middle = (self.offset + self.members // 2) // 4 * 4
        await self._page({"department": DEPARTMENT, "around": str(self.member(middle))})

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
    await few.fill_board()
    await many.fill_board()
    async with harness.runtime.database.transaction() as session:
        await session.execute(text("ANALYZE"))
    print(f"{name}: {members:,} members written in {time.perf_counter() - begun:.0f} s")
    begun = time.perf_counter()
    await many.middle()
    print(f"  first reader of a minute behind rank 1,000 of {members:,}: {(time.perf_counter() - begun) * 1000:.0f} ms")
    worst = 0.0
    for title in ("top", "middle", "cohort", "within", "department", "within_department", "statement"):
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
    end_with(run(*(int(argument) for argument in sys.argv[1:])))
