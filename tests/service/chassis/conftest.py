"""The chassis under a small service, on SQLite and on PostgreSQL."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from chassis.settings import Settings
from tests.service.chassis import workshop as of
from tests.service.chassis.shop import Workshop
from tests.service.chassis.workshop import Switches
from tests.support.light import lightened


@pytest.fixture
def switches(monkeypatch: pytest.MonkeyPatch) -> Switches:
    """How the service behaves; as ever unless the test changes it."""
    fresh = Switches()
    monkeypatch.setattr(of, "switches", fresh)
    return fresh


@pytest.fixture
def database_url(database: str, settings: Settings, request: pytest.FixtureRequest):
    """An empty database."""
    if database == "sqlite":
        yield f"sqlite:///{settings.data_dir / 'workshop.sqlite'}"
        return
    server = request.getfixturevalue("postgres_server")
    name = f"workshop_{uuid4().hex[:12]}"
    yield server.create_database(name)
    server.drop_database(name)


@pytest.fixture
async def shop(settings: Settings, database_url: str, switches: Switches) -> AsyncIterator[Workshop]:
    """The service, with an open community in it."""
    workshop = Workshop(of.workshop, settings, database_url=database_url)
    lightened(workshop.runtime.database)
    async with workshop as running:
        yield running
