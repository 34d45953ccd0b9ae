"""Every service starts on a migrated database, whatever it has in it yet."""

import pytest

from chassis.database.migrations import compare
from chassis.settings import SERVICES
from qunxue.installed import service as installed


@pytest.mark.parametrize("name", SERVICES)
async def test_a_service_is_ready_once_its_database_is_migrated(name, start_service):
    async with start_service(installed(name)) as harness:
        assert (await harness.anonymous().get("/readyz")).status_code == 200


@pytest.mark.parametrize("name", SERVICES)
async def test_the_migrations_make_exactly_the_tables_in_the_code(name, start_service):
    async with start_service(installed(name)) as harness, harness.runtime.database.writer.connect() as connection:
        assert await connection.run_sync(compare, installed(name)) == []


@pytest.mark.parametrize("name", SERVICES)
async def test_a_service_describes_itself(name, start_service):
    async with start_service(installed(name)) as harness:
        document = (await harness.anonymous().get("/openapi.json")).json()
    assert document["openapi"].startswith("3.1")
