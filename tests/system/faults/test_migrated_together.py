"""Fault 19: four processes migrate at the same moment, and one of them is killed."""

import asyncio
import random
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import func
from sqlmodel import col, select

from chassis.database.migrations import compare, is_at_head
from chassis.service import RunningService
from chassis.settings import SERVICES, Settings
from qunxue.installed import service
from services.membership.platform_roles.models import PlatformRole
from services.membership.service_accounts.models import ServiceAccount
from tests.support.children import Child
from tests.support.processes import clean_environment
from tests.support.scale import scaled, seed
from tests.support.waiting import eventually_sync

pytestmark = [pytest.mark.fault(19), pytest.mark.slow, pytest.mark.timeout(600)]

SEED = seed()
TOGETHER = 4

# What `qunxue migrate` does once it owns the data directory; four could not own it, and the files' own locks are what is shown.
PREPARE = """
import asyncio, sys
from chassis.logs import configure_logs
from chassis.settings import settings
from qunxue.installation import opened, prepare

async def run():
    async with opened(settings()) as installation:
        await prepare(installation)

configure_logs(process="migrate", level="INFO", form="json")
asyncio.run(run())
"""


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def installations(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator["Installations"]:
    made = Installations(request.param, tmp_path, request)
    yield made
    made.drop()


class Installations:
    """Empty installations, one a round."""

    def __init__(self, database: str, folder: Path, request: pytest.FixtureRequest) -> None:
        self.database, self.folder = database, folder
        self.server = request.getfixturevalue("postgres_server") if database == "postgres" else None
        self._made: list[str] = []

    def fresh(self, number: int) -> dict[str, str]:
        """The environment of another one."""
        folder = self.folder / str(number)
        folder.mkdir()
        settings = {
            "QUNXUE_DATA_DIR": str(folder),
            "QUNXUE_SECRET_KEY": "only-for-tests-only-for-tests",
            "QUNXUE_ADMIN_PASSWORD": "a long password for the tests",
        }
        if self.server is None:
            return settings
        settings["QUNXUE_MODE"] = "distributed"
        for name in SERVICES:
            database = f"together_{number}_{name}"
            settings[f"QUNXUE_{name.upper()}_DATABASE_URL"] = self.server.create_database(database)
            self._made.append(database)
        return settings

    def command(self) -> list[str]:
        return [sys.executable, *(["-c", PREPARE] if self.server is None else ["-m", "qunxue", "migrate"])]

    def drop(self) -> None:
        if self.server is not None:
            for name in self._made:
                self.server.drop_database(name)


def test_all_are_at_the_head_whoever_of_the_four_is_killed(installations, tmp_path, monkeypatch):
    print(f"seed {SEED}")
    chance = random.Random(SEED)
    for number in range(scaled(10, reduced=1)):
        environment = installations.fresh(number)
        children = [
            Child(f"migrate-{n}", installations.command(), log=tmp_path / f"{number}-{n}.log", env=clean(environment))
            for n in range(TOGETHER)
        ]
        for child in children:
            child.start()
        victim, others = children[0], children[1:]
        reached = f'"service":"{chance.choice(SERVICES)}"'
        under_way = partial(has_reached, victim, reached)
        eventually_sync(under_way, interval=0.005, what="the one to be killed is under way")
        victim.kill()
        for child in others:
            assert child.wait(within=120) == 0, child.tail()
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        asyncio.run(everything_is_there_once())
        again = Child("again", installations.command(), log=tmp_path / f"{number}-again.log", env=clean(environment))
        again.start()
        assert again.wait(within=60) == 0, again.tail()
        asyncio.run(everything_is_there_once())


def has_reached(child: Child, line: str) -> bool:
    return not child.running or line in child.output()


def clean(environment: dict[str, str]) -> dict[str, str]:
    return clean_environment(environment)


async def everything_is_there_once() -> None:
    chosen = Settings()
    for name in SERVICES:
        runtime = RunningService(service(name), chosen)
        try:
            assert await is_at_head(runtime.database, runtime.service), name
            async with runtime.database.reader.connect() as connection:
                assert await connection.run_sync(compare, runtime.service) == [], name
            if name == "membership":
                async with runtime.database.reading() as session:
                    admins = select(func.count()).where(col(PlatformRole.role) == "admin")
                    assert (await session.exec(admins)).one() == 1
                    accounts = (await session.exec(select(col(ServiceAccount.name)))).all()
                    assert len(accounts) == len(set(accounts)) == len(SERVICES) + 1
        finally:
            await runtime.close()
