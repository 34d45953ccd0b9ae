"""Importing 10,000 people from one CSV file against registering them with one POST each, on PostgreSQL and on SQLite.

Both go through the whole request path (token, permission, validation, search keys, outbox) without a network; the import includes
the upload, the job and its progress. The single requests are fewer and their time is scaled. Measured is the CPU time of this
process: an import rests while it reads, to leave the processor to requests, and the machine may have other work.

    python -m benchmarks.people_import [PEOPLE]
"""

import asyncio
import random
import sys
import tempfile
import time
from pathlib import Path

import httpx
from pydantic import SecretStr

from benchmarks.figures import Figure, end_with
from chassis.settings import Settings
from chassis.testing import Harness
from services.membership.definition import definition
from tests.support.postgres import PostgresServer

PEOPLE = 10_000
SINGLE = 300
TO_REACH = 10.0
PASSWORD = "only for this benchmark"


async def entered(harness: Harness) -> httpx.AsyncClient:
    """A client of the first administrator."""
    await definition.bootstrap(harness.runtime)
    body = {"login": "admin@qunxue.example", "password": PASSWORD}
    answer = await harness.anonymous().post("/v1/sessions", json=body)
    client = harness.anonymous()
    client.headers["Authorization"] = f"Bearer {answer.raise_for_status().json()['access_token']}"
    return client


def made_up(count: int) -> list[str]:
    """Chinese names, the same each time."""
    chance = random.Random(1)
    surnames, given = "张王李赵刘陈杨黄周吴曾单", "伟芳娜秀英敏静丽强磊军洋勇艳杰涛明超兰霞"
    return [chance.choice(surnames) + chance.choice(given) + chance.choice(given) for _ in range(count)]


async def one_each(client: httpx.AsyncClient, names: list[str]) -> float:
    """Seconds of CPU a person by one POST each."""
    began = time.process_time()
    for number, name in enumerate(names):
        body = {"employee_no": f"s{number}", "display_name": name, "email": f"s{number}@example.com", "title": "工程师"}
        (await client.post("/v1/people", json=body)).raise_for_status()
    return (time.process_time() - began) / len(names)


async def all_at_once(harness: Harness, client: httpx.AsyncClient, names: list[str]) -> float:
    """Seconds of CPU a person by import."""
    rows = [f"i{number},{name},i{number}@example.com,工程师\n" for number, name in enumerate(names)]
    content = ("工号,姓名,邮箱,职位\n" + "".join(rows)).encode()
    began = time.process_time()
    answer = await client.post("/v1/people/imports", content=content, headers={"Content-Type": "text/csv"})
    await harness.run_jobs()
    took = (time.process_time() - began) / len(names)
    job = (await client.get(answer.headers["Location"])).json()
    assert job["result"]["created"] == len(names), job
    return took


async def measure(label: str, url: str, people: int) -> Figure:
    """One database's figure."""
    settings = Settings(
        data_dir=Path(tempfile.mkdtemp()), secret_key=SecretStr("b" * 32), admin_password=SecretStr(PASSWORD)
    )
    async with Harness(definition, settings, database_url=url, real_keys=True, held=False) as harness:
        client = await entered(harness)
        single = await one_each(client, made_up(SINGLE))
        batch = await all_at_once(harness, client, made_up(people))
    return Figure(
        f"import of {people:,} people, {label}",
        f"{batch * 1000:.3f} ms CPU each",
        f"one POST {single * 1000:.2f} ms CPU each",
        single / batch,
        TO_REACH,
        "least",
    )


def run(people: int = PEOPLE) -> list[Figure]:
    """Both databases."""
    with tempfile.TemporaryDirectory() as folder:
        sqlite = asyncio.run(measure("SQLite", f"sqlite:///{folder}/membership.sqlite", people))
    with PostgresServer() as server:
        return [sqlite, asyncio.run(measure("PostgreSQL", server.create_database("membership"), people))]


def main() -> None:
    end_with(run(int(sys.argv[1]) if len(sys.argv) > 1 else PEOPLE))


if __name__ == "__main__":
    main()
