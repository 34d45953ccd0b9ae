"""Kafka behind a network that delays, loses, resets and falls silent: nothing is lost, repeated or reordered, and it goes on by itself."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from chassis.messaging.kafka import KafkaLog, KafkaOptions
from tests.support.kafka import KafkaBroker
from tests.support.messaging import World, assert_each_once_in_order, create, sqlite_url
from tests.support.needs import NotInstalled, missing
from tests.support.network import Network
from tests.support.ports import free_port
from tests.support.scale import scaled, seed

pytestmark = [pytest.mark.fault(22), pytest.mark.kafka, pytest.mark.slow, pytest.mark.timeout(600)]

MESSAGES = scaled(1000, reduced=200)
LOST = 0.01
LOST_PIECES = scaled(20, reduced=3)
DELAY_SECONDS = 0.25
"""In each direction: 500 ms for an answer."""


@asynccontextmanager
async def behind_a_network(folder: Path) -> AsyncIterator[tuple[World, Network]]:
    """A broker that clients reach through a network alone."""
    port = free_port()
    try:
        broker = KafkaBroker()
    except NotInstalled as reason:
        missing(str(reason))
    broker.advertise(port)
    async with Network(to_port=broker.port, port=port).running() as network:
        await asyncio.to_thread(broker.start)
        world = World(
            await create(sqlite_url(folder, "publisher")),
            await create(sqlite_url(folder, "consumer")),
            KafkaLog(KafkaOptions((f"127.0.0.1:{port}",), {})),
        )
        try:
            yield world, network
        finally:
            await world.close()
            await asyncio.to_thread(broker.close)


async def test_a_network_that_delays_resets_and_falls_silent_costs_no_message_and_doubles_none(tmp_path):
    async with behind_a_network(tmp_path) as (world, network):
        async with world.relaying(), world.consuming():
            await world.publish(MESSAGES)
            await world.applied(MESSAGES, timeout=120)
            network.delay = DELAY_SECONDS
            await world.publish(MESSAGES)
            await world.applied(2 * MESSAGES, timeout=180)
            await world.publish(MESSAGES)
            network.reset()
            await world.applied(3 * MESSAGES, timeout=180)
            network.delay = 0.0
            network.freeze()
            await world.publish(MESSAGES)
            await world.applied(4 * MESSAGES, timeout=180)
        assert_each_once_in_order(await world.entries(), world.things)


async def test_a_network_that_loses_one_piece_in_a_hundred_costs_time_alone(tmp_path):
    async with behind_a_network(tmp_path) as (world, network):
        network.chance = random.Random(seed())
        async with world.relaying(), world.consuming():
            await world.publish(1)
            await world.applied(1, timeout=120)
            network.lost = LOST
            async with asyncio.timeout(500):
                while network.stalls < LOST_PIECES:
                    await world.publish(10)
                    await world.applied(world.things.total, timeout=60)
        assert_each_once_in_order(await world.entries(), world.things)
