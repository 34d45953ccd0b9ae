"""Whole batches of Kafka that cannot be read: each is put aside as it lies there, and what follows it is applied."""

import asyncio
from pathlib import Path

import pytest
from kafka import KafkaProducer
from kafka import codec as codecs

from chassis.messaging.kafka import KafkaLog
from tests.support.kafka import KafkaBroker
from tests.support.messaging import TOPIC, ThingCounted, World, a_record
from tests.support.waiting import eventually

pytestmark = [
    pytest.mark.kafka,
    pytest.mark.timeout(600),
    # The local log packs nothing.
    pytest.mark.parametrize("log", ["kafka"], indirect=True),
]


def topic_of(world: World) -> str:
    assert isinstance(world.log, KafkaLog)
    return world.log.options.prefix + TOPIC


async def send(world: World, broker: KafkaBroker, *versions: int, packed: str | None = None) -> None:
    """Messages about one thing, in one batch."""

    def work() -> None:
        producer = KafkaProducer(bootstrap_servers=broker.bootstrap, compression_type=packed, linger_ms=1000)
        for version in versions:
            record = a_record(ThingCounted(thing_id=world.things.ids[0], amount=1), version=version)
            producer.send(topic_of(world), record.value, record.key, list(record.headers))
        producer.close()

    await asyncio.to_thread(work)


def segment(world: World, broker: KafkaBroker) -> Path:
    """The one file that all of them are in."""
    (found,) = (one for one in broker.data.glob(f"{topic_of(world)}-*/*.log") if one.stat().st_size)
    return found


async def put_aside(world: World) -> bool:
    return len(await world.dead_letters()) == 1


async def test_a_batch_in_a_codec_that_is_not_installed_holds_nobody_up(
    world: World, kafka_broker: KafkaBroker, monkeypatch: pytest.MonkeyPatch
):
    await world.log.ensure_topics([TOPIC])
    await send(world, kafka_broker, 1)
    await send(world, kafka_broker, 2, 3, 4, packed="zstd")
    await send(world, kafka_broker, 5)
    monkeypatch.setattr(codecs, "zstd", None)
    async with world.consuming():
        await world.applied(2)
        await eventually(lambda: put_aside(world))
    assert [entry.version for entry in await world.entries()] == [1, 5]
    (letter,) = await world.dead_letters()
    assert letter.reason == "unreadable"
    assert "offsets 1 to 3, codec zstd" in letter.detail
    assert letter.delivery.offset == 3
    assert letter.delivery.value in segment(world, kafka_broker).read_bytes()


@pytest.mark.parametrize("packed", ["gzip", "snappy", "lz4", "zstd"])
async def test_every_codec_that_a_broker_may_be_told_to_pack_in_is_read(
    world: World, kafka_broker: KafkaBroker, packed: str
):
    await world.log.ensure_topics([TOPIC])
    await send(world, kafka_broker, 1, 2, 3, packed=packed)
    async with world.consuming():
        await world.applied(3)
    assert await world.dead_letters() == []


LAST_OFFSET = 26
"""Where its last byte is, https://kafka.apache.org/documentation/#recordbatch."""


async def test_a_batch_with_a_spoilt_head_holds_nobody_up(world: World, kafka_broker: KafkaBroker):
    await world.log.ensure_topics([TOPIC])
    await send(world, kafka_broker, 1)
    before = segment(world, kafka_broker).stat().st_size
    await send(world, kafka_broker, 2, 3)
    with segment(world, kafka_broker).open("r+b") as file:
        file.seek(before + LAST_OFFSET)
        file.write(bytes([0x21]))
    async with world.consuming():
        await eventually(lambda: put_aside(world))
        # Nothing else says where it ends.
        await send(world, kafka_broker, 4)
        await world.applied(2)
    assert [entry.version for entry in await world.entries()] == [1, 4]
    (letter,) = await world.dead_letters()
    assert (letter.reason, letter.delivery.offset) == ("unreadable", 1)
    assert "checksum" in letter.detail


async def test_a_batch_that_the_disk_spoilt_holds_nobody_up(world: World, kafka_broker: KafkaBroker):
    await world.log.ensure_topics([TOPIC])
    for version in (1, 2, 3):
        await send(world, kafka_broker, version)
    spoilt = segment(world, kafka_broker)
    content = spoilt.read_bytes()
    with spoilt.open("r+b") as file:
        # Between the first batch and the third.
        file.seek(len(content) // 2)
        file.write(bytes([content[len(content) // 2] ^ 1]))
    async with world.consuming():
        await world.applied(2)
        await eventually(lambda: put_aside(world))
    assert [entry.version for entry in await world.entries()] == [1, 3]
    (letter,) = await world.dead_letters()
    assert (letter.reason, letter.delivery.offset) == ("unreadable", 1)
    assert "checksum" in letter.detail
