"""Dealing 10,000 members to groups and making those, against putting in each of them by one POST, on PostgreSQL and on SQLite.

A grouping is planned and applied by a request each, and its jobs are counted to their end: dealing, forming the groups, and telling of
everybody who came in. Single requests, by which an owner puts members into groups that are there, are fewer and their time is scaled.
Measured are the CPU time of this process and the wall; how much memory dealing by skill takes, and how long the longest step held its locks.

    python -m benchmarks.grouping [MEMBERS]
"""

import asyncio
import sys
import tempfile
import time
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from pydantic import SecretStr
from sqlmodel.ext.asyncio.session import AsyncSession

from benchmarks.enrolment import employ, opened
from benchmarks.figures import Figure, end_with
from benchmarks.people_import import PASSWORD, entered
from chassis.database.bulk import insert_many
from chassis.ids import new_id
from chassis.jobs import JobRun
from chassis.settings import Settings
from chassis.testing import Harness
from services.membership.definition import definition
from services.membership.groups.grouping_rules import Candidate
from services.membership.groups.skill_rules import balanced_by_skill
from services.membership.roster.models import Member
from tests.support.postgres import PostgresServer

MEMBERS = 10_000
SINGLE = 200
SIZE = 10
SKILLS = 40
TO_REACH = 10.0
LONGEST_LOCK = 200.0
"""Milliseconds: what a step of a job may take."""
MOST_MEMORY = 32.0
"""MiB."""

_waits: list[float] = []


def skills_of(number: int) -> list[str]:
    """Three of some tens of skills each, the first of them common and the last ones rare."""
    return [f"skill {number * step % SKILLS * (number * step % SKILLS) // SKILLS}" for step in (1, 3, 7)]


async def join(harness: Harness, community_id: str, people: list[UUID]) -> list[UUID]:
    """All of them members, written as if they had been there for long."""
    now = harness.runtime.clock()
    members = [
        Member(
            id=new_id(), community_id=UUID(community_id), person_id=person_id, via="import", joined_at=now, recorded_at=now,
            roles={}, skills=skills_of(number), interests=[],
        )
        for number, person_id in enumerate(people)
    ]  # fmt: skip
    async with harness.runtime.database.transaction() as session:
        await insert_many(session, Member.__table__, [one.model_dump() for one in members])  # type: ignore[attr-defined]
    return [one.id for one in members]


async def per_member(work: Callable[[], Awaitable[None]], members: int) -> tuple[float, float]:
    """Milliseconds a member: of CPU, and by the wall."""
    cpu, wall = time.process_time(), time.perf_counter()
    await work()
    return (time.process_time() - cpu) * 1000 / members, (time.perf_counter() - wall) * 1000 / members


async def grouped(harness: Harness, client: httpx.AsyncClient, community_id: str, by: str) -> None:
    """Plan groups, and make them."""
    body = {"community_id": community_id, "by": by, "size": SIZE, "seed": 1}
    made = (await client.post("/v1/groups/groupings", json=body)).raise_for_status().json()
    await harness.run_jobs()
    path = f"/v1/groups/groupings/{made['id']}"
    (await client.post(f"{path}/apply")).raise_for_status()
    await harness.run_jobs()
    done = (await client.get(path)).raise_for_status().json()
    assert (done["status"], done["placed"]) == ("applied", done["members"]), done


def noting_steps() -> None:
    """Have every step of a job say how long its transaction lasted: its locks last no longer."""
    before = JobRun.step

    @asynccontextmanager
    async def step(job: JobRun, *given: Any, **named: Any) -> AsyncIterator[AsyncSession]:
        began = time.perf_counter()
        async with before(job, *given, **named) as session:
            yield session
        _waits.append((time.perf_counter() - began) * 1000)

    JobRun.step = step  # type: ignore[method-assign,assignment]


async def measure(label: str, url: str, members: int) -> list[Figure]:
    """One database's figures."""
    settings = Settings(
        data_dir=Path(tempfile.mkdtemp()), secret_key=SecretStr("b" * 32), admin_password=SecretStr(PASSWORD)
    )
    _waits.clear()
    async with Harness(definition, settings, database_url=url, real_keys=True, held=False) as harness:
        client = await entered(harness)
        people = await employ(harness, members)
        sides = {}
        for by in ("department", "skill"):
            community_id = await opened(client, f"by-{by}", "campaign")
            await join(harness, community_id, people)
            sides[by] = await per_member(lambda at=community_id, by=by: grouped(harness, client, at, by), members)  # type: ignore[misc]
        longest = max(_waits)
        community_id = await opened(client, "by-post", "campaign")
        ids = await join(harness, community_id, people[:SINGLE])

        async def put_in_each() -> None:
            for place in range(0, SINGLE, SIZE):
                body = {"community_id": community_id, "name": f"第{place}组", "capacity": SIZE, "leader_id": None}
                group = (await client.post("/v1/groups", json=body)).raise_for_status().json()
                for one in ids[place : place + SIZE]:
                    added = await client.post(f"/v1/groups/{group['id']}/add", json={"member_ids": [str(one)]})
                    added.raise_for_status()

        posted = await per_member(put_in_each, SINGLE)
    figures = []
    for by, (cpu, wall) in sides.items():
        name = f"grouping of {members:,} members by {by}, {label}"
        figures.append(
            Figure(name, f"{cpu:.3f} ms CPU each", f"one POST {posted[0]:.2f} ms CPU each", posted[0] / cpu, TO_REACH, "least")
        )  # fmt: skip
        figures.append(
            Figure(f"{name}, by the wall", f"{wall:.3f} ms each", f"one POST {posted[1]:.2f} ms each", posted[1] / wall, TO_REACH, "least")
        )  # fmt: skip
    what = f"grouping of {members:,} members, {label}: the longest step that holds locks"
    figures.append(Figure(what, f"{longest:.0f} ms", f"{len(_waits)} steps", longest, LONGEST_LOCK, "most", unit="ms"))
    return figures


def memory(members: int) -> Figure:
    """What dealing by skill takes beside the members themselves."""
    people = [Candidate(new_id(), f"D{number % 30}", frozenset(skills_of(number))) for number in range(members)]
    tracemalloc.start()
    began = time.process_time()
    balanced_by_skill(people, groups=members // SIZE, seed=1)
    taken = time.process_time() - began
    most = tracemalloc.get_traced_memory()[1] / 1024 / 1024
    tracemalloc.stop()
    what = f"dealing {members:,} members by skill: memory"
    return Figure(what, f"{most:.1f} MiB", f"in {taken:.2f} s of CPU, traced", most, MOST_MEMORY, "most", unit="MiB")


def run(members: int = MEMBERS) -> list[Figure]:
    """Both databases."""
    dealt = memory(members)
    noting_steps()
    with tempfile.TemporaryDirectory() as folder:
        sqlite = asyncio.run(measure("SQLite", f"sqlite:///{folder}/membership.sqlite", members))
    with PostgresServer() as server:
        postgres = asyncio.run(measure("PostgreSQL", server.create_database("membership"), members))
    return [*sqlite, *postgres, dealt]


def main() -> None:
    end_with(run(int(sys.argv[1]) if len(sys.argv) > 1 else MEMBERS))


if __name__ == "__main__":
    main()
