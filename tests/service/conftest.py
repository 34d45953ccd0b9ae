"""A database for each test, on SQLite and on PostgreSQL, already migrated: a copy of one that was migrated once."""

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from pydantic import SecretStr

from chassis.service import Service
from chassis.settings import Settings
from chassis.testing import Harness, SettableClock
from tests.support.light import lightened
from tests.support.unhurried import unhurried

SECRET = "only-for-tests-only-for-tests"

StartService = Callable[..., AbstractAsyncContextManager[Harness]]
Prepare = Callable[[str], Awaitable[None]]
Copied = Callable[[str, Prepare], Awaitable[str]]


@pytest.fixture(scope="session", autouse=True)
def whatever_the_machine_does() -> Iterator[None]:
    """A test that is about something else waits longer than the product would."""
    with unhurried():
        yield


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
def copied(
    database: str, settings: Settings, migrated_sqlite: Path, request: pytest.FixtureRequest
) -> Iterator[Copied]:
    """Makes a database of the test's own and returns its URL: `await copied("content", prepare)`.

    It is a copy of the one that `prepare` made for the first test that said this name.
    """
    dropped: list[str] = []

    async def copy(name: str, prepare: Prepare) -> str:
        if database == "sqlite":
            return await _sqlite(name, prepare, settings.data_dir, migrated_sqlite)
        url = await _postgres(name, prepare, request.getfixturevalue("postgres_server"))
        dropped.append(url.rpartition("/")[2])
        return url

    yield copy
    for name in dropped:
        request.getfixturevalue("postgres_server").let_go(name)


@pytest.fixture
def start_service(settings: Settings, copied: Copied) -> StartService:
    """Starts a service on a fresh, migrated database: `async with start_service(definition) as harness`.

    `bootstrapped="…"` for one that has what its bootstrap makes as well. Those that say the same word are copies of one, made with
    the settings and the clock of the first: their clocks begin alike.
    """

    @asynccontextmanager
    async def start(
        service: Service, *, clock: SettableClock | None = None, bootstrapped: str = "", **options: Any
    ) -> AsyncIterator[Harness]:
        async def prepare(url: str) -> None:
            async with _light(service, settings, url, clock, migrated=False) as harness:
                if bootstrapped:
                    assert service.bootstrap is not None
                    await service.bootstrap(harness.runtime)

        url = await copied(f"{service.name}_{bootstrapped}" if bootstrapped else service.name, prepare)
        async with _light(service, settings, url, clock, migrated=True, **options) as harness:
            yield harness

    return start


def _light(service: Service, settings: Settings, url: str, clock: SettableClock | None, **options: Any) -> Harness:
    harness = Harness(service, settings, database_url=url, clock=clock, **options)
    lightened(harness.runtime.database)
    return harness


async def _sqlite(name: str, prepare: Prepare, folder: Path, migrated: Path) -> str:
    template = migrated / f"{name}.sqlite"
    if not template.exists():
        await prepare(f"sqlite:///{template}")
    own = folder / f"{name}-{uuid4().hex[:8]}.sqlite"
    shutil.copyfile(template, own)
    return f"sqlite:///{own}"


async def _postgres(name: str, prepare: Prepare, server: Any) -> str:
    template = f"template_{name}"
    if template not in server.made:
        await prepare(server.create_database(template))
    return str(server.copy_of(template))
