"""Fault 19: a process that migrates alone is killed at any moment; the schema is at its head, or cleanly before it."""

import asyncio
import random
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect, text

from chassis.database.engine import Database
from chassis.database.migrations import compare, head, migrate, version_table
from chassis.service import Service
from qunxue.installed import service
from tests.support.children import Child
from tests.support.needs import ROOT
from tests.support.processes import clean_environment
from tests.support.scale import scaled, seed

MIGRATE = """
import asyncio, os, sys, time
from chassis.database.engine import Database
from chassis.database.migrations import migrate
from qunxue.installed import service

definition = service(sys.argv[1])

async def run():
    database = Database(sys.argv[2], definition.tables)
    print("ready", flush=True)
    while not os.path.exists(sys.argv[3]):
        time.sleep(0.001)
    print("did something" if await migrate(database, definition) else "nothing to do", flush=True)
    await database.dispose()

asyncio.run(run())
"""

pytestmark = [pytest.mark.fault(19), pytest.mark.slow, pytest.mark.timeout(600)]

SEED = seed()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def urls(request: pytest.FixtureRequest, tmp_path: Path):
    """Fresh, empty databases, as many as are asked for."""
    made: list[str] = []

    def fresh() -> str:
        number = len(made)
        if request.param == "sqlite":
            made.append(f"sqlite:///{tmp_path / f'fresh-{number}.sqlite'}")
        else:
            made.append(request.getfixturevalue("postgres_server").create_database(f"fresh_{number}"))
        return made[-1]

    yield fresh
    if request.param == "postgres":
        for url in made:
            request.getfixturevalue("postgres_server").drop_database(url.rpartition("/")[2])


class Migrator(Child):
    """A process that migrates when it is told to."""

    def __init__(self, name: str, url: str, folder: Path) -> None:
        self.gate = folder / f"{name}.gate"
        command = [sys.executable, "-c", MIGRATE, "membership", url, str(self.gate)]
        super().__init__(name, command, log=folder / f"{name}.log", env=clean_environment(), cwd=ROOT)

    def until_ready(self) -> None:
        deadline = time.monotonic() + 60
        while "ready" not in self.output():
            assert self.running, self.tail()
            assert time.monotonic() < deadline, self.tail()
            time.sleep(0.02)

    def go(self) -> None:
        self.gate.touch()


async def schema(url: str, definition: Service) -> tuple[str | None, list[Any], list[str]]:
    """The version, how the tables differ from the code's, and which there are."""
    database = Database(url, definition.tables)
    try:
        async with database.writer.connect() as connection:
            names = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
            table = version_table(definition.name)
            version = None
            if table in names:
                version = (await connection.execute(text(f"SELECT version_num FROM {table}"))).scalar_one_or_none()
            differences = await connection.run_sync(compare, definition) if version else []
            return version, differences, names
    finally:
        await database.dispose()


def test_a_lone_migrator_that_is_killed_leaves_the_schema_before_or_at_the_head(urls, tmp_path):
    definition = service("membership")
    print(f"seed {SEED}")
    chance = random.Random(SEED)
    found = set()
    for turn in range(scaled(20, reduced=3)):
        url = urls()
        migrator = Migrator(f"alone-{turn}", url, tmp_path)
        migrator.start()
        migrator.until_ready()
        migrator.go()
        time.sleep(chance.uniform(0, 0.4))  # the moment of the kill is what is varied
        migrator.kill()
        version, differences, names = asyncio.run(schema(url, definition))
        found.add(version)
        if version is None:
            assert not set(names) & set(definition.base.metadata.tables), f"seed {SEED}, turn {turn}: half a schema"
        else:
            assert (version, differences) == (head(definition), []), f"seed {SEED}, turn {turn}"
        assert asyncio.run(migrated(url, definition)) == (head(definition), [])
    print(f"versions found after a kill: {found}")


async def migrated(url: str, definition: Service) -> tuple[str | None, list[Any]]:
    database = Database(url, definition.tables)
    try:
        await migrate(database, definition)
    finally:
        await database.dispose()
    version, differences, _ = await schema(url, definition)
    return version, differences
