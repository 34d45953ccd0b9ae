"""Each test of messaging runs on both databases and on both logs."""

import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chassis.database.engine import Database
from chassis.messaging.local_log import LocalLog
from chassis.messaging.log import Log
from tests.support.messaging import World, create, sqlite_url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def databases(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[tuple[Database, Database]]:
    if request.param == "sqlite":
        urls = [sqlite_url(tmp_path, name) for name in ("publisher", "consumer")]
    else:
        server = request.getfixturevalue("postgres_server")
        unique = uuid.uuid4().hex[:12]
        urls = [server.create_database(f"{name}_{unique}") for name in ("publisher", "consumer")]
    publisher, consumer = await create(urls[0]), await create(urls[1])
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
