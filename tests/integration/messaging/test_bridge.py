"""What one process tells itself by its local log, other systems read on Kafka."""

import asyncio
import logging
import random
import sys
import time
import uuid
from datetime import timedelta

import pytest

from chassis.messaging import bridge as bridging
from chassis.messaging.bridge import Bridge, give_up
from chassis.messaging.kafka import KafkaLog, KafkaOptions
from chassis.messaging.local_log import LocalLog
from chassis.messaging.log import LogUnavailableError
from tests.support.kafka import KafkaBroker
from tests.support.messaging import (
    TOPIC,
    World,
    a_record,
    assert_each_once_in_order,
    create,
    killed,
    running,
    sqlite_url,
)
from tests.support.messaging import ThingCounted as Counted
from tests.support.needs import NotInstalled, missing
from tests.support.processes import clean_environment
from tests.support.scale import scaled, seed
from tests.support.waiting import eventually

MESSAGES = scaled(3000, reduced=600)
SEED = seed()


class Sides:
    """One process with its local log, and another system that keeps a ledger of what it reads outside."""

    def __init__(self, folder, publisher, consumer, outside):
        self.folder = folder
        self.local = LocalLog(folder / "log.sqlite")
        self.process = World(publisher, consumer, self.local)
        self.other = World(publisher, consumer, outside, self.process.things)

    @classmethod
    async def on(cls, folder, outside, urls=()):
        urls = urls or [sqlite_url(folder, name) for name in ("publisher", "consumer")]
        publisher, consumer = [await create(url) for url in urls]
        return cls(folder, publisher, consumer, outside)

    def bridge(self):
        return Bridge(self.local, self.other.log, [TOPIC])

    async def close(self):
        await self.process.close()
        await self.other.log.close()


@pytest.fixture
async def sides(tmp_path):
    made = await Sides.on(tmp_path, LocalLog(tmp_path / "outside.sqlite"))
    yield made
    await made.close()


async def test_other_systems_get_everything_in_order(sides):
    await sides.process.publish(300)
    async with sides.process.relaying(), running(sides.bridge()), sides.other.consuming():
        await sides.other.applied(300)
        await sides.process.publish(50)
        await sides.other.applied(350)
    assert_each_once_in_order(await sides.other.entries(), sides.other.things)


async def test_a_record_keeps_its_key_and_headers(sides):
    record = a_record(Counted(thing_id=uuid.uuid4(), amount=1), traceparent="00-1-1-01")
    async with running(sides.bridge()):
        await sides.process.send(record)
        subscription = await sides.other.log.subscribe("reader", [TOPIC], {})
        (found,) = (await asyncio.wait_for(subscription.poll(), 120)).deliveries
    assert (found.key, found.value, found.headers) == (record.key, record.value, record.headers)


async def test_the_next_start_goes_on_where_the_last_one_stopped(sides):
    async with sides.process.relaying():
        await sides.process.publish(20)
        async with running(sides.bridge()), sides.other.consuming():
            await sides.other.applied(20)
        await sides.process.publish(20)
        await sides.process.drained()
    sent = []

    class Counting(LocalLog):
        async def append(self, records):
            sent.extend(records)
            await super().append(records)

    sides.other.log = Counting(sides.other.log.path)
    async with running(sides.bridge()), sides.other.consuming():
        await sides.other.applied(40)
    assert len(sent) == 20


async def test_what_was_not_acknowledged_is_sent_again(sides, monkeypatch):
    await sides.process.send(a_record(Counted(thing_id=sides.process.things.ids[0], amount=1)))
    places = []

    async def lost(_records):
        places.append(await sides.local.kept("kafka"))
        raise LogUnavailableError("nobody answers")

    with monkeypatch.context() as broken:
        broken.setattr(sides.other.log, "append", lost)
        async with killed(sides.bridge()):
            await eventually(lambda: bool(places))
    assert places[0] == 0
    async with running(sides.bridge()), sides.other.consuming():
        await sides.other.applied(1)


async def test_a_place_that_cannot_be_written_makes_nothing_go_twice(sides, monkeypatch):
    sent = []
    append = sides.other.log.append

    async def noted(records):
        sent.extend(records)
        await append(records)

    async def full(_consumer, _place):
        raise LogUnavailableError("the disk is full")

    monkeypatch.setattr(sides.other.log, "append", noted)
    monkeypatch.setattr(sides.local, "keep", full)
    async with running(sides.bridge()):
        await sides.process.send(a_record(Counted(thing_id=uuid.uuid4(), amount=1)))
        await eventually(lambda: len(sent) == 1)
        await sides.process.send(a_record(Counted(thing_id=uuid.uuid4(), amount=1)))
        await eventually(lambda: len(sent) == 2)
    assert len(sent) == 2


async def test_what_waits_is_counted_and_told_once_a_minute(sides, monkeypatch, caplog):
    monkeypatch.setattr(bridging, "MEASURE_SECONDS", 0.01)
    monkeypatch.setattr(bridging, "TELL_SECONDS", 0.0)

    async def away(self):
        raise LogUnavailableError("nobody answers")

    monkeypatch.setattr(type(sides.other.log), "producer", away)
    bridge = sides.bridge()
    with caplog.at_level(logging.WARNING):
        monkeypatch.setattr(bridging, "GRACE_SECONDS", 0.0)
        await sides.local.append([a_record(Counted(thing_id=uuid.uuid4(), amount=1)) for _ in range(3)])
        async with running(bridge):
            await eventually(lambda: "3 messages wait" in caplog.text)
            assert bridge.waiting.count == 3


async def test_the_local_log_keeps_what_waits_and_nothing_for_a_bridge_that_is_given_up(sides):
    async with running(sides.bridge()), sides.other.consuming():
        await sides.process.send(a_record(Counted(thing_id=uuid.uuid4(), amount=1)))
        await sides.other.applied(1)
    await sides.process.send(a_record(Counted(thing_id=uuid.uuid4(), amount=1)))
    assert await sides.local.trim(time.time() + timedelta(days=30).total_seconds()) == 1
    assert await sides.local.kept("kafka") > 0
    await give_up(sides.local)
    assert await sides.local.kept("kafka") == 0


@pytest.fixture
async def outside(tmp_path, kafka_broker):
    """A process with the bridge, and a reader of what it sends to Kafka."""
    prefix = f"w{uuid.uuid4().hex[:10]}."
    made = await Sides.on(tmp_path, KafkaLog(KafkaOptions((kafka_broker.bootstrap,), {}, prefix=prefix)))
    yield made, f"kafka:{kafka_broker.bootstrap}/{prefix}"
    await made.close()


def bridged(sides, to):
    databases = [
        one.url.render_as_string(hide_password=False) for one in (sides.process.publisher, sides.process.consumer)
    ]
    return [sys.executable, "-m", "tests.support.messaging_worker", "bridged", *databases, str(sides.local.path), to]


@pytest.mark.kafka
@pytest.mark.fault(1)
@pytest.mark.timeout(600)
async def test_a_bridge_killed_again_and_again_loses_and_reorders_nothing(outside, processes):
    sides, to = outside
    chance = random.Random(SEED)
    print(f"seed {SEED}")
    kills = scaled(15, reduced=4)
    process = processes.add("bridged", bridged(sides, to), env=clean_environment())
    async with sides.other.consuming():
        for number in range(kills):
            # The files have one owner at a time, so the test writes while the process is dead.
            await sides.process.publish(MESSAGES // kills)
            process.start()
            await sides.other.applied(int(MESSAGES / kills * (number + chance.random())) + 1, timeout=90)
            process.kill()
        process.start()
        await sides.other.applied(sides.other.things.total, timeout=90)
    await eventually(lambda: process.output().count("working") == kills + 1)
    assert process.terminate(within=15) == 0
    assert_each_once_in_order(await sides.other.entries(), sides.other.things)


@pytest.mark.kafka
@pytest.mark.postgres
@pytest.mark.fault(4)
@pytest.mark.timeout(600)
async def test_a_broker_that_is_away_and_comes_back_gets_everything(tmp_path, postgres_server, processes):
    try:
        broker = KafkaBroker()
    except NotInstalled as reason:
        missing(str(reason))
    urls = [postgres_server.create_database(f"{side}_{uuid.uuid4().hex[:10]}") for side in ("publisher", "consumer")]
    with broker:
        sides = await Sides.on(tmp_path, KafkaLog(KafkaOptions((broker.bootstrap,), {}, prefix="a.")), urls)
        processes.start("bridged", bridged(sides, f"kafka:{broker.bootstrap}/a."))
        reader = [sys.executable, "-m", "tests.support.messaging_worker", "consumer", *urls]
        processes.start("reader", [*reader, f"kafka:{broker.bootstrap}/a."])
        await sides.process.publish(200)
        await sides.other.applied(200, timeout=90)
        await asyncio.to_thread(broker.kill9)
        await sides.process.publish(200)
        # Nothing inside the process waits for the broker.
        await sides.process.drained()
        await asyncio.to_thread(broker.start)
        await sides.other.applied(400, timeout=90)
        assert_each_once_in_order(await sides.other.entries(), sides.other.things)
        await sides.close()
