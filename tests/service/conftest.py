"""A database for each test, on SQLite and on PostgreSQL, already migrated: a copy of one that was migrated once."""

import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from pydantic import SecretStr

from chassis.service import Service
from chassis.settings import Settings
from chassis.testing import Harness, SettableClock

SECRET = "only-for-tests-only-for-tests"

StartService = Callable[..., AbstractAsyncContextManager[Harness]]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest) -> str:
    """Which database the test runs on."""
    kind: str = request.param
    return kind


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for files that have been migrated once, to be copied."""
    return tmp_path_factory.mktemp("migrated")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of an installation of the test's own."""
    return Settings(data_dir=tmp_path, secret_key=SecretStr(SECRET), mode="embedded")


@pytest.fixture
def start_service(
    database: str, settings: Settings, migrated_sqlite: Path, request: pytest.FixtureRequest
) -> Iterator[StartService]:
    """Starts a service on a fresh, migrated database: `async with start_service(definition) as harness`."""
    dropped: list[str] = []

    @asynccontextmanager
    async def start(service: Service, *, clock: SettableClock | None = None, **options: Any) -> AsyncIterator[Harness]:
        if database == "sqlite":
            url = await _sqlite(service, settings, migrated_sqlite)
        else:
            server = request.getfixturevalue("postgres_server")
            url = await _postgres(service, settings, server)
            dropped.append(url.rpartition("/")[2])
        async with Harness(service, settings, database_url=url, clock=clock, **options) as harness:
            yield harness

    yield start
    for name in dropped:
        request.getfixturevalue("postgres_server").drop_database(name)


async def _sqlite(service: Service, settings: Settings, migrated: Path) -> str:
    template = migrated / f"{service.name}.sqlite"
    if not template.exists():
        async with Harness(service, settings, database_url=f"sqlite+aiosqlite:///{template}"):
            pass
    own = settings.data_dir / f"{service.name}-{uuid4().hex[:8]}.sqlite"
    shutil.copyfile(template, own)
    return f"sqlite+aiosqlite:///{own}"


async def _postgres(service: Service, settings: Settings, server: Any) -> str:
    template = f"template_{service.name}"
    if template not in server.databases():
        url = server.create_database(template)
        async with Harness(service, settings, database_url=url):
            pass
    name = f"{service.name}_{uuid4().hex[:12]}"
    url = server.create_database(name, template=template)
    return str(url)
