"""Each test of messaging runs on both databases and on both logs."""

import shutil
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from chassis.database.engine import Database
from chassis.messaging.local_log import LocalLog
from chassis.messaging.log import Log
from tests.support.light import lightened
from tests.support.messaging import World, create, sqlite_url, tables
from tests.support.unhurried import unhurried

TEMPLATE = "template_testing"


@pytest.fixture(scope="session", autouse=True)
def whatever_the_machine_does() -> Iterator[None]:
    """A test that is about something else waits longer than the product would."""
    with unhurried():
        yield


@pytest.fixture(scope="session")
def with_tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for the file that is copied."""
    return tmp_path_factory.mktemp("with_tables")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def databases(
    request: pytest.FixtureRequest, tmp_path: Path, with_tables: Path
) -> AsyncIterator[tuple[Database, Database]]:
    """Two with the tables of the tests' service: copies of one."""
    unique = uuid.uuid4().hex[:12]
    if request.param == "sqlite":
        template = with_tables / "template.sqlite"
        if not template.exists():
            await (await create(sqlite_url(with_tables, "template"))).dispose()
        urls = [sqlite_url(tmp_path, name) for name in ("publisher", "consumer")]
        for name in ("publisher", "consumer"):
            shutil.copyfile(template, tmp_path / f"{name}.sqlite")
    else:
        server = request.getfixturevalue("postgres_server")
        if TEMPLATE not in server.databases():
            await (await create(server.create_database(TEMPLATE))).dispose()
        names = [f"{name}_{unique}" for name in ("publisher", "consumer")]
        urls = [server.create_database(name, template=TEMPLATE) for name in names]
    publisher, consumer = (lightened(Database(url, tables)) for url in urls)
    yield publisher, consumer
    await publisher.dispose()
    await consumer.dispose()


@pytest.fixture(params=["local", pytest.param("kafka", marks=pytest.mark.kafka)])
async def log(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Log]:
    made: Log
    if request.param == "local":
        made = LocalLog(tmp_path / "log.sqlite")
    else:
        from chassis.messaging.kafka import KafkaLog, KafkaOptions

        broker = request.getfixturevalue("kafka_broker")
        # Topics of its own for every test, on one broker.
        made = KafkaLog(KafkaOptions((broker.bootstrap,), {}, prefix=f"t{uuid.uuid4().hex[:10]}."))
    yield made
    await made.close()


@pytest.fixture
async def world(databases: tuple[Database, Database], log: Log) -> World:
    return World(*databases, log)
