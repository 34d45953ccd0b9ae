"""Processes of messaging are killed, frozen and cut off; nothing is lost, repeated or reordered."""

import asyncio
import random
import sys
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from chassis.messaging.kafka import KafkaLog, KafkaOptions
from chassis.messaging.local_log import LocalLog
from tests.support.kafka import KafkaBroker
from tests.support.messaging import World, assert_each_once_in_order, create, sqlite_url
from tests.support.needs import NotInstalled, missing
from tests.support.postgres import PostgresServer
from tests.support.processes import Processes, ProductProcess
from tests.support.scale import scaled, seed
from tests.support.waiting import eventually

pytestmark = [pytest.mark.fault, pytest.mark.timeout(600)]

MESSAGES = scaled(6000, reduced=1000)
SEED = seed()


def worker(processes: Processes, name: str, part: str, world: World, log: str) -> ProductProcess:
    urls = [database.url.render_as_string(hide_password=False) for database in (world.publisher, world.consumer)]
    return processes.start(name, [sys.executable, "-m", "tests.support.messaging_worker", part, *urls, log])


@pytest.fixture
def own_broker() -> Iterator[KafkaBroker]:
    """A broker that the test may hurt."""
    try:
        broker = KafkaBroker()
    except NotInstalled as reason:
        missing(str(reason))
    with broker:
        yield broker


@pytest.fixture
async def distributed(postgres_server: PostgresServer, kafka_broker: KafkaBroker) -> AsyncIterator[tuple[World, str]]:
    async with a_world(postgres_server, kafka_broker) as made:
        yield made


class a_world:  # noqa: N801 - reads as a factory
    """Two PostgreSQL databases and topics of their own on a broker."""

    def __init__(self, server: PostgresServer, broker: KafkaBroker) -> None:
        self._server = server
        self._broker = broker

    async def __aenter__(self) -> tuple[World, str]:
        unique = uuid.uuid4().hex[:10]
        urls = [self._server.create_database(f"{side}_{unique}") for side in ("publisher", "consumer")]
        log = KafkaLog(KafkaOptions((self._broker.bootstrap,), {}, prefix=f"k{unique}."))
        self._world = World(await create(urls[0]), await create(urls[1]), log)
        return self._world, f"kafka:{self._broker.bootstrap}/k{unique}."

    async def __aexit__(self, *_: object) -> None:
        await self._world.close()


async def publish_slowly(world: World, number: int) -> None:
    for _ in range(number // 10):
        await world.publish(10)
        await asyncio.sleep(0)


@pytest.mark.fault(1)
@pytest.mark.postgres
@pytest.mark.kafka
async def test_a_relay_killed_again_and_again(distributed: tuple[World, str], processes: Processes):
    world, log = distributed
    chance = random.Random(SEED)
    print(f"seed {SEED}")
    relay = worker(processes, "relay", "relay", world, log)
    consumer = worker(processes, "consumer", "consumer", world, log)
    kills = scaled(30, reduced=5)
    for number in range(kills):
        await publish_slowly(world, MESSAGES // kills)
        await world.applied(int(MESSAGES / kills * (number + chance.random())), timeout=90)
        relay.kill()
        relay.start()
    await world.drained(timeout=90)
    await world.applied(world.things.total, timeout=90)
    await eventually(lambda: relay.output().count("working") == kills + 1)
    assert relay.terminate(within=15) == 0
    assert consumer.terminate(within=15) == 0
    assert_each_once_in_order(await world.entries(), world.things)


@pytest.mark.fault(2)
@pytest.mark.postgres
@pytest.mark.kafka
async def test_two_consumers_of_a_group_killed_in_turn(distributed: tuple[World, str], processes: Processes):
    world, log = distributed
    worker(processes, "relay", "relay", world, log)
    consumers = [worker(processes, f"consumer-{n}", "consumer", world, log) for n in (1, 2)]
    kills = scaled(10, reduced=2)
    for number in range(kills):
        await publish_slowly(world, MESSAGES // kills)
        await world.applied(MESSAGES // kills * number + 1, timeout=90)
        consumers[number % 2].kill()
        await publish_slowly(world, 20)
        # The other one takes the partitions over within the session timeout (10 s) and 5 s.
        await world.applied(world.things.total, timeout=15 + 15)
        consumers[number % 2].start()
    assert_each_once_in_order(await world.entries(), world.things)


@pytest.mark.fault(16)
@pytest.mark.postgres
@pytest.mark.kafka
async def test_a_frozen_consumer_that_comes_back_changes_nothing(distributed: tuple[World, str], processes: Processes):
    world, log = distributed
    worker(processes, "relay", "relay", world, log)
    zombie = worker(processes, "zombie", "consumer", world, log)
    await publish_slowly(world, 200)
    await world.applied(1)
    zombie.pause()
    worker(processes, "successor", "consumer", world, log)
    await publish_slowly(world, 200)

    async def all_but_what_it_holds() -> bool:
        # Frozen in the middle of a transaction it would hold its rows until PostgreSQL hears that it is gone.
        async with world.consumer.transaction() as session:
            connection = await session.connection()
            await connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'idle in transaction'"
                    " AND datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
        return await world.entry_count() == 400

    await eventually(all_but_what_it_holds, interval=0.5)
    before = await world.entries()
    zombie.resume()
    await publish_slowly(world, 50)
    await world.applied(450, timeout=90)
    assert (await world.entries())[:400] == before
    assert_each_once_in_order(await world.entries(), world.things)


@pytest.mark.fault(4)
@pytest.mark.postgres
@pytest.mark.kafka
async def test_a_broker_killed_and_frozen_under_way(
    postgres_server: PostgresServer, own_broker: KafkaBroker, processes: Processes
):
    async with a_world(postgres_server, own_broker) as (world, log):
        relay = worker(processes, "relay", "relay", world, log)
        consumer = worker(processes, "consumer", "consumer", world, log)
        await publish_slowly(world, MESSAGES // 4)
        await world.applied(10)
        await asyncio.to_thread(own_broker.kill9)
        await publish_slowly(world, MESSAGES // 4)
        own_broker.start()
        await publish_slowly(world, MESSAGES // 4)
        own_broker.pause()
        await publish_slowly(world, MESSAGES // 4)
        before = await world.entry_count()
        own_broker.resume()
        await world.drained(timeout=90)
        await world.applied(world.things.total, timeout=90)
        assert before < world.things.total
        assert_each_once_in_order(await world.entries(), world.things)
        own_broker.pause()
        await publish_slowly(world, 10)
        # Told to stop while the broker does not answer, they leave the rest to their next start.
        assert relay.terminate(within=15) == 0
        assert consumer.terminate(within=15) == 0
        own_broker.resume()


@pytest.mark.fault(5)
@pytest.mark.postgres
@pytest.mark.kafka
async def test_workers_started_before_their_broker(
    postgres_server: PostgresServer, own_broker: KafkaBroker, processes: Processes
):
    async with a_world(postgres_server, own_broker) as (world, log):
        own_broker.kill9()
        relay = worker(processes, "relay", "relay", world, log)
        consumer = worker(processes, "consumer", "consumer", world, log)
        await publish_slowly(world, 100)
        await eventually(lambda: "working" in relay.output() and "working" in consumer.output())
        own_broker.start()
        await world.applied(100, timeout=90)
        assert_each_once_in_order(await world.entries(), world.things)


@pytest.mark.fault(9)
@pytest.mark.postgres
@pytest.mark.kafka
async def test_a_database_restarted_again_and_again(kafka_broker: KafkaBroker, processes: Processes):
    try:
        server = PostgresServer(fsync=True)
    except NotInstalled as reason:
        missing(str(reason))
    with server:
        async with a_world(server, kafka_broker) as (world, log):
            worker(processes, "relay", "relay", world, log)
            worker(processes, "consumer", "consumer", world, log)
            for _ in range(scaled(5, reduced=2)):
                await publish_slowly(world, 200)
                server.restart(immediate=True)
                # Our own side's connections are gone too; how the workers find new ones is what matters here.
                await world.publisher.writer.dispose()
                await world.consumer.writer.dispose()
                await eventually(lambda: is_up(world))
            await world.drained()
            await world.applied(world.things.total)
            assert_each_once_in_order(await world.entries(), world.things)


async def is_up(world: World) -> bool:
    try:
        for database in (world.publisher, world.consumer):
            async with database.reading() as session:
                await session.execute(text("SELECT 1"))
    except (OSError, DBAPIError, TimeoutError):
        return False
    return True


@pytest.mark.fault(1, 2)
async def test_one_process_with_everything_killed_again_and_again(tmp_path: Path, processes: Processes):
    urls = [sqlite_url(tmp_path, side) for side in ("publisher", "consumer")]
    kills = scaled(30, reduced=5)
    path = tmp_path / "log.sqlite"
    world = World(await create(urls[0]), await create(urls[1]), LocalLog(path))
    chance = random.Random(SEED)
    print(f"seed {SEED}")
    everything = None
    for number in range(kills):
        # The files have one owner at a time, so the test writes while the process is dead.
        await world.publish(MESSAGES // kills)
        if everything is None:
            everything = worker(processes, "everything", "both", world, str(path))
        else:
            everything.start()
        await world.applied(int(MESSAGES / kills * (number + chance.random())) + 1, timeout=90)
        everything.kill()
    assert everything is not None
    everything.start()
    await eventually(lambda: everything.output().count("working") == kills + 1)
    await world.applied(world.things.total, timeout=90)
    await world.drained(timeout=90)
    assert everything.terminate(within=15) == 0
    assert_each_once_in_order(await world.entries(), world.things)
    await world.close()
