"""The chassis under a small service, on SQLite and on PostgreSQL."""

from collections.abc import AsyncIterator

import pytest

from chassis.database.engine import Database
from chassis.settings import Settings
from tests.service.chassis import workshop as of
from tests.service.chassis.shop import Workshop, make_tables
from tests.service.chassis.workshop import Switches
from tests.service.conftest import Copied
from tests.support.light import lightened


@pytest.fixture
def switches(monkeypatch: pytest.MonkeyPatch) -> Switches:
    """How the service behaves; as ever unless the test changes it."""
    fresh = Switches()
    monkeypatch.setattr(of, "switches", fresh)
    return fresh


@pytest.fixture
async def database_url(copied: Copied) -> str:
    """A database with the service's tables, and nothing in them."""

    async def prepare(url: str) -> None:
        made = Database(url, of.workshop.tables)
        await make_tables(made)
        await made.dispose()

    return await copied("workshop", prepare)


@pytest.fixture
async def shop(settings: Settings, database_url: str, switches: Switches) -> AsyncIterator[Workshop]:
    """The service, with an open community in it."""
    workshop = Workshop(of.workshop, settings, database_url=database_url, migrated=True)
    lightened(workshop.runtime.database)
    async with workshop as running:
        yield running
