"""Enrolling 10,000 people by a community's rule against importing them as members, and against one POST each, on PostgreSQL and on SQLite.

All three make the same members and tell the same messages. The rule is switched on by one request, and the worker's steps are counted to their
end; the import includes its upload and its job; single requests, by which people join an open community, are fewer and their time is scaled.
Measured is the CPU time of this process, in one run.

    python -m benchmarks.enrolment [PEOPLE]
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import orjson
from pydantic import SecretStr
from sqlalchemy import func, select
from sqlmodel import col

from benchmarks.figures import Figure, end_with
from benchmarks.people_import import PASSWORD, entered, made_up
from chassis.database.bulk import insert_many
from chassis.settings import Settings
from chassis.testing import Harness
from services.membership.definition import definition
from services.membership.people.models import Person
from services.membership.roster.models import Member
from tests.support.postgres import PostgresServer

PEOPLE = 10_000
SINGLE = 300
TO_REACH = 10.0
GRADE = "M1"


async def employ(harness: Harness, count: int) -> list[UUID]:
    """So many managers, written as if they had been there for long."""
    now = datetime.now(UTC)
    people = [
        Person(
            employee_no=f"m{number}",
            employee_key=f"m{number}",
            display_name=name,
            sort_key=f"m{number}",
            job_grade=GRADE,
            created_at=now,
            updated_at=now,
        )
        for number, name in enumerate(made_up(count))
    ]
    async with harness.runtime.database.transaction() as session:
        await insert_many(session, Person.__table__, [one.model_dump() for one in people])  # type: ignore[attr-defined]
    return [one.id for one in people]


async def opened(client: httpx.AsyncClient, slug: str, join: str) -> str:
    """An open community."""
    body: dict[str, Any] = {
        "slug": slug,
        "name": "新任经理训练营",
        "join": join,
        "positioning": {"purpose": "leadership", "statement": "一起学管理"},
        "charter": {"vision": "人人会带队"},
    }
    made = (await client.post("/v1/communities", json=body)).raise_for_status().json()
    (await client.post(f"/v1/communities/{made['id']}/open")).raise_for_status()
    return str(made["id"])


async def per_person(work: Callable[[], Awaitable[None]], people: int) -> float:
    """Seconds of CPU a person."""
    began = time.process_time()
    await work()
    return (time.process_time() - began) / people


async def members_of(harness: Harness, community_id: str) -> int:
    """How many there are beside the owner."""
    async with harness.runtime.database.reading() as session:
        counted = select(func.count()).where(col(Member.community_id) == UUID(community_id))
        return (await session.execute(counted)).scalar_one() - 1


async def measure(label: str, url: str, people: int) -> list[Figure]:
    """One database's figures."""
    settings = Settings(
        data_dir=Path(tempfile.mkdtemp()), secret_key=SecretStr("b" * 32), admin_password=SecretStr(PASSWORD)
    )
    async with Harness(definition, settings, database_url=url, real_keys=True, held=False) as harness:
        client = await entered(harness)
        ids = await employ(harness, people)
        by_rule, by_import, by_post = [
            await opened(client, slug, join)
            for slug, join in (("by-rule", "campaign"), ("by-import", "campaign"), ("by-post", "open"))
        ]

        async def enrol() -> None:
            path = f"/v1/communities/{by_rule}"
            etag = (await client.get(path)).headers["ETag"]
            body = {"join": "assigned", "assigned": {"job_grades": [GRADE]}}
            (await client.patch(path, json=body, headers={"If-Match": etag})).raise_for_status()
            while await harness.run_timers():
                pass

        async def import_them() -> None:
            rows = b"\n".join(orjson.dumps({"employee_no": f"m{number}"}) for number in range(people))
            where = {"params": {"community_id": by_import}, "headers": {"Content-Type": "application/x-ndjson"}}
            (await client.post("/v1/members/imports", content=rows, **where)).raise_for_status()  # type: ignore[arg-type]
            await harness.run_jobs()

        ruled = await per_person(enrol, people)
        imported = await per_person(import_them, people)
        assert [await members_of(harness, one) for one in (by_rule, by_import)] == [people, people]

    async with Harness(definition, settings, database_url=url, held=False, migrated=True) as harness:
        clients = [harness.as_person(one) for one in ids[:SINGLE]]

        async def join_each() -> None:
            for each in clients:
                (await each.post(f"/v1/communities/{by_post}/join")).raise_for_status()

        posted = await per_person(join_each, len(clients))
    name = f"enrolment of {people:,} people by rule, {label}"
    each = f"{ruled * 1000:.3f} ms CPU each"
    return [
        Figure(name, each, f"one POST {posted * 1000:.2f} ms CPU each", posted / ruled, TO_REACH, "least"),
        Figure(
            f"{name}, against an import",
            each,
            f"one row of an import {imported * 1000:.3f} ms CPU each",
            imported / ruled,
            0.5,
            "least",
        ),
    ]


def run(people: int = PEOPLE) -> list[Figure]:
    """Both databases."""
    with tempfile.TemporaryDirectory() as folder:
        sqlite = asyncio.run(measure("SQLite", f"sqlite:///{folder}/membership.sqlite", people))
    with PostgresServer() as server:
        return [*sqlite, *asyncio.run(measure("PostgreSQL", server.create_database("membership"), people))]


def main() -> None:
    end_with(run(int(sys.argv[1]) if len(sys.argv) > 1 else PEOPLE))


if __name__ == "__main__":
    main()
