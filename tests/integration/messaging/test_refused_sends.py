"""The log does not take what the relay sends: nothing leaves the outbox before it is acknowledged."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest

from chassis.messaging.envelope import Record
from chassis.messaging.log import LogUnavailableError, Producer
from tests.support.messaging import World, assert_each_once_in_order
from tests.support.waiting import eventually


@dataclass
class Refusing:
    """A log that refuses to acknowledge; what it was sent meanwhile is lost, or it took the first `takes` records of it."""

    log: Any
    refuses: bool = True
    takes: int = 0
    tries: list[int] = field(default_factory=list)

    async def producer(self) -> Producer:
        return _Producer(self, await self.log.producer())

    def __getattr__(self, name: str) -> Any:
        return getattr(self.log, name)


@dataclass
class _Producer:
    where: Refusing
    inner: Producer

    async def send(self, records: Sequence[Record]) -> None:
        self.where.tries.append(len(records))
        if not self.where.refuses:
            return await self.inner.send(records)
        if self.where.takes:
            await self.inner.send(records[: self.where.takes])
        raise LogUnavailableError("not every record was acknowledged")

    async def mark(self, topics: Sequence[str], up_to: datetime) -> None:
        await self.inner.mark(topics, up_to)

    async def close(self) -> None:
        await self.inner.close()


@pytest.mark.parametrize("takes", [0, 5])
async def test_a_message_stays_in_the_outbox_until_its_send_is_acknowledged(world: World, takes: int):
    world.log = refusing = Refusing(world.log, takes=takes)
    async with world.consuming(), world.relaying():
        await world.publish(14)
        await eventually(lambda: len(refusing.tries) >= 3)
        assert await world.outbox_count() == 14
        refusing.refuses = False
        await world.drained()
        await world.applied(14)
    assert_each_once_in_order(await world.entries(), world.things)


async def test_after_a_refused_send_the_relay_begins_again_at_the_lowest_message(world: World):
    world.log = refusing = Refusing(world.log)
    async with world.consuming(), world.relaying(batch=5):
        await world.publish(10)
        await eventually(lambda: len(refusing.tries) >= 2)
        refusing.refuses = False
        await world.applied(10)
    assert set(refusing.tries) == {5}
    assert_each_once_in_order(await world.entries(), world.things)
