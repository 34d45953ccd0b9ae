"""What runs for a whole company: a certification and a badge for 10,000 people, a check-in plan of 1,000 for 100 days, a season's end.

Everything is written by few statements, then done as the product does it, without a network, for few and for many people. Measured is
the processor time of this process; that of PostgreSQL is not in it.

    python -m benchmarks.programmes [PEOPLE]
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median
from types import SimpleNamespace
from typing import Any

import httpx
from pydantic import SecretStr
from sqlmodel import SQLModel

from benchmarks.crowd import Crowd
from benchmarks.figures import Figure, end_with
from chassis.ids import new_id
from chassis.memory import collect_less_often_from_now
from chassis.settings import Settings
from chassis.testing import Harness, SettableClock
from services.gamification.badges.models import Badge
from services.gamification.certifications.keeping import start_keeping
from services.gamification.certifications.models import Certification
from services.gamification.definition import definition
from services.gamification.leaderboards.models import BoardWindow
from services.gamification.leaderboards.service import freeze_due
from services.gamification.plans.models import CheckinPlan
from services.gamification.seasons.closing import close_due
from services.gamification.seasons.models import Season
from tests.support.postgres import PostgresServer

NOW = datetime(2026, 3, 4, 4, tzinfo=UTC)
TODAY = date(2026, 3, 4)
PEOPLE, FEW = 10_000, 1_000
DAYS = 100
TIMES = 9
GROWTH = 1.5
Costs = dict[str, float]

PLAN = (
    (
        "INSERT INTO plan_participants (plan_id, member_id, joined_at, days_done, days_made_up)"
        " SELECT {plan}, {member}, {start}, {done}, 0 FROM {n}"
    ),
    (
        "INSERT INTO plan_entries (id, community_id, plan_id, member_id, checkin_id, day, time_zone, origin, status, removed,"
        " submitted_at, version) SELECT {entry}, {community}, {plan}, {owner}, {entry}, {day}, 'Asia/Shanghai', 'now', 'done',"
        " {false}, {start}, 1 FROM {rows}"
    ),
)
KUDOS = (
    (
        "INSERT INTO kudos (id, community_id, giver_id, receiver_id, text, given_at, day, time_zone, began_at, held, messages_published)"
        " SELECT {kudos}, {community}, {member}, {other}, 'Many thanks for your help', {earned}, {today}, 'Asia/Shanghai', {start},"
        " {false}, 1 FROM {n}"
    ),
)
SCORES = (
    (
        "INSERT INTO board_scores (window_id, member_id, deficit, reached_at, listed)"
        " SELECT {window}, {member}, -1 - (n.i * 7919) % 100003, {start}, {true} FROM {n}"
    ),
)


class Company(Crowd):
    """A community of everybody; the first runs it."""

    owner: httpx.AsyncClient

    async def begin(self) -> None:
        await self.open("company")
        await self.fill(department="'D' || n.i % 40", grade="'P' || n.i % 5", xp="100")
        first = self.id(self.member(1))
        await self.write([f"""UPDATE known_members SET roles = '["owner"]' WHERE id = {first}"""])
        await self.analyzed()
        self.owner = self.harness.as_person(self.person(1))

    async def add(self, *rows: SQLModel) -> None:
        async with self.harness.runtime.database.transaction() as session:
            for row in rows:
                session.add(row)
                await session.flush()

    async def jobs(self) -> float:
        """Milliseconds of CPU for all that waits."""
        began = time.process_time()
        await self.harness.run_jobs()
        return (time.process_time() - began) * 1000

    async def keep(self) -> float:
        """What the clock does to certifications."""
        async with self.harness.runtime.database.transaction() as session:
            await start_keeping(session, self.harness.clock())
        return await self.jobs()

    async def asked(self, path: str, client: httpx.AsyncClient | None = None, **query: Any) -> float:
        """The median milliseconds of CPU of a read."""

        async def ask() -> None:
            answer = await (client or self.owner).get(path, params=query)
            answer.raise_for_status()

        return await taken(ask)


async def taken(work: Callable[[], Awaitable[None]], times: int = TIMES) -> float:
    """The median milliseconds of CPU; the first ones warm caches."""
    found = []
    for n in range(times + 3):
        began = time.process_time()
        await work()
        if n >= 3:
            found.append((time.process_time() - began) * 1000)
    return median(found)


async def certification(company: Company) -> Costs:
    """Opening runs for everybody, the matrix of compliance, and reminders."""
    one = Certification(
        community_id=company.community_id,
        title_zh="安全生产",
        title_en="Safety",
        requires=[{"kind": "activity", "activity_kind": "training", "times": 1}],
        begins_on=TODAY,
        first_due_days=200,
        valid_months=12,
        renewal_opens_days=90,
        created_at=NOW,
    )
    await company.add(one)
    opened = await company.keep() / company.members
    rested = await company.keep()
    matrix = await company.asked(f"/v1/certifications/{one.id}/compliance")
    page = await company.asked("/v1/certifications/runs", community_id=company.community_id, limit=100)
    company.harness.clock.now = NOW + timedelta(days=141)
    told = await company.keep() / company.members
    company.harness.clock.now = NOW
    return {
        "a certification: a run opened, each": opened,
        "a certification: a member told 60 days before, each": told,
        "a certification: a page of 100 runs": page,
        "a certification: the matrix of compliance": matrix,
        "a certification: a job with nothing to do": rested,
    }


async def plan(company: Company, people: int, days: int) -> Costs:
    """A check-in plan that is on its last day."""
    one = CheckinPlan(
        community_id=company.community_id,
        title="百日阅读",
        starts_on=TODAY - timedelta(days=days - 1),
        ends_on=TODAY,
        days="all",
        requires="none",
        note_visibility="plan",
        complete_at=100,
        participants=people,
        created_at=NOW - timedelta(days=days),
    )
    await company.add(one)
    before = days - 1
    said = {
        "plan": company.id(one.id),
        "n": company.numbers(1, people),
        "rows": company.numbers(0, people * before - 1),
        "owner": company.id_of("b", f"1 + n.i / {before}"),
        "entry": company.id_of("e"),
        "done": str(before),
        "day": f"date('{one.starts_on}', '+' || (n.i % {before}) || ' day')"
        if company.sqlite
        else f"CAST('{one.starts_on}' AS date) + CAST(n.i % {before} AS integer)",
    }
    await company.write(PLAN, said)
    await company.analyzed()
    path = f"/v1/checkin-plans/{one.id}/progress"
    last = company.harness.as_person(company.person(people))
    found = {
        "a check-in plan: a page of 100 participants": await company.asked(path, limit=100),
        "a check-in plan: the caller's progress": await company.asked(path, client=last),
        "a check-in plan: its workbook": await company.asked(f"{path}/xlsx"),
    }
    numbers = iter(range(2, people))

    async def check_in() -> None:
        client = company.harness.as_person(company.person(next(numbers)))
        body = {"community_id": str(company.community_id), "plan_ids": [str(one.id)]}
        (await client.post("/v1/checkins", json=body)).raise_for_status()

    return found | {"a check-in for a plan": await taken(check_in, min(TIMES, people - 5))}


async def badge(company: Company) -> Costs:
    """A badge for all who reached it before it was there."""
    one = Badge(
        community_id=company.community_id,
        code="veteran",
        name_zh="老将",
        name_en="Veteran",
        about_zh="一百经验",
        about_en="A hundred",
        match="all",
        criteria=[{"counter": "xp", "trigger": None, "beneficiary": None, "at_least": 100}],
        created_at=NOW,
    )
    await company.add(one)
    body = {"badge_id": str(one.id), "dry_run": False}
    (await company.owner.post("/v1/badges/grants", json=body)).raise_for_status()
    return {"a badge for who reached it before, each": await company.jobs() / company.members}


async def season(company: Company) -> Costs:
    """A season that is over: its board is frozen, and a thousand prizes are posted."""
    window = BoardWindow(
        id=new_id(),
        community_id=company.community_id,
        period="season",
        from_day=TODAY - timedelta(days=90),
        to_day=TODAY - timedelta(days=5),
        freezes_at=NOW - timedelta(days=2),
    )
    row = Season(
        community_id=company.community_id,
        title="第一季",
        starts_on=TODAY - timedelta(days=90),
        ends_on=TODAY - timedelta(days=5),
        prizes=[{"from_rank": 1, "to_rank": 1000, "points": 10}],
        window_id=window.id,
        created_at=NOW - timedelta(days=100),
    )
    await company.add(window, row)
    await company.write(SCORES, {"window": company.id(window.id)})
    timer: Any = SimpleNamespace(now=NOW)
    began = time.process_time()
    for work in (freeze_due, close_due):
        async with company.harness.runtime.database.transaction() as session:
            await work(session, timer)
    return {"a season's end, with 1,000 prizes": (time.process_time() - began) * 1000}


async def lists(company: Company) -> Costs:
    """A page of as many kudos as there are people."""
    said = {"kudos": company.id_of("f"), "other": company.id_of("b", f"1 + n.i % {company.members}")}
    said |= {"earned": company.at("n.i"), "today": f"'{TODAY}'" if company.sqlite else f"CAST('{TODAY}' AS date)"}
    await company.write(KUDOS, said)
    return {"a page of 100 kudos": await company.asked("/v1/kudos", community_id=company.community_id, limit=100)}


async def costs(url: str, people: int, participants: int, days: int) -> Costs:
    """Milliseconds of CPU, by what."""
    settings = Settings(data_dir=Path(tempfile.mkdtemp()), secret_key=SecretStr("b" * 32))
    async with Harness(definition, settings, database_url=url, clock=SettableClock(NOW), held=False) as harness:
        company = Company(harness, people)
        await company.begin()
        found: Costs = {}
        for work in (certification, season, badge, lists):
            found |= await work(company)
        return found | await plan(company, participants, days)


MATRIX, BOOK = "a certification: the matrix of compliance", "a check-in plan: its workbook"
NOT_ALIKE = {MATRIX: 500.0, BOOK: 5000.0, "a certification: a job with nothing to do": 500.0}
"""What is read of everybody: milliseconds that it may take."""
PAGES = {"a check-in plan: a page of 100 participants", "a check-in plan: the caller's progress"}
"""What shows ten times as many days."""


def run(people: int = PEOPLE) -> list[Figure]:
    """On both databases."""
    # As the product does when it starts: else half of what a large page takes is looking for garbage.
    collect_less_often_from_now()
    figures = []
    with PostgresServer() as server, tempfile.TemporaryDirectory() as folder:
        for name in ("SQLite", "PostgreSQL"):
            sides = []
            for size, participants, days in ((FEW, 100, 10), (people, people // 10, DAYS)):
                file = f"sqlite+aiosqlite:///{folder}/{size}.db"
                url = file if name == "SQLite" else server.create_database(f"company_{size}")
                sides.append(asyncio.run(costs(url, size, participants, days)))
            few, many = sides
            for what, cpu in many.items():
                ours, other = f"{cpu:.2f} ms CPU of {people:,}", f"{few[what]:.2f} ms of {FEW:,}"
                if "plan" in what:
                    ours, other = f"{cpu:.2f} ms CPU of {people // 10:,} × {DAYS}", f"{few[what]:.2f} ms of 100 × 10"
                if what in NOT_ALIKE:
                    figures.append(Figure(f"{what}, {name}", ours, other, cpu, NOT_ALIKE[what], "most", "ms"))
                else:
                    most = 10 * GROWTH if what in PAGES else GROWTH
                    figures.append(Figure(f"{what}, {name}", ours, other, cpu / few[what], most, "most"))
    return figures


def main() -> None:
    end_with(run(*(int(argument) for argument in sys.argv[1:])))


if __name__ == "__main__":
    main()
