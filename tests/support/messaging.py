"""A small service of tests' own: things are counted by one side, the other keeps a ledger of them."""

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Integer, String, Table, Uuid, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.base import Row, service_registry, service_tables
from chassis.database.engine import Database
from chassis.ids import new_id
from chassis.messaging.bridge import Bridge
from chassis.messaging.codec import encode
from chassis.messaging.consumer import MessageConsumer
from chassis.messaging.dead_letters import DeadLetter, list_dead_letters
from chassis.messaging.envelope import Message, Received, Record
from chassis.messaging.handlers import Handlers
from chassis.messaging.log import Log
from chassis.messaging.outbox import Outgoing, emit_many
from chassis.messaging.relay import Relay
from contracts.base import IntegrationEvent
from tests.support.waiting import eventually


class ThingCounted(IntegrationEvent, type="testing.thing.counted", subject="thing_id"):
    thing_id: UUID
    amount: int
    note: str | None = None


class ThingSpoiled(IntegrationEvent, type="testing.thing.spoiled", subject="thing_id"):
    thing_id: UUID


class Base(Row, registry=service_registry()):
    """Every table of this service of the tests."""


tables = service_tables(Base)
ledger = Table(
    "ledger",
    Base.metadata,
    Column("entry", Integer, primary_key=True, autoincrement=True),
    Column("message_id", Uuid, nullable=False),
    Column("thing_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("amount", Integer, nullable=False),
    Column("handler", String(50), nullable=False),
)
TOPIC = ThingCounted.TOPIC


async def write_entries(
    messages: Sequence[Received[ThingCounted]], session: AsyncSession, handler: str = "count_things"
) -> None:
    rows = [
        {
            "message_id": m.id,
            "thing_id": m.data.thing_id,
            "version": m.version,
            "amount": m.data.amount,
            "handler": handler,
        }
        for m in messages
    ]
    await (await session.connection()).execute(ledger.insert(), rows)


def counting() -> Handlers:
    handlers = Handlers()

    @handlers.on(ThingCounted)
    async def count_things(messages: Sequence[Received[ThingCounted]], session: AsyncSession) -> None:
        await write_entries(messages, session)

    return handlers


@dataclass
class Things:
    """Some things that are counted, each with its own version."""

    ids: list[UUID] = field(default_factory=lambda: [uuid.uuid4() for _ in range(7)])
    versions: dict[UUID, int] = field(default_factory=dict)

    def outgoing(self, number: int) -> list[Outgoing]:
        found = []
        for index in range(number):
            thing = self.ids[index % len(self.ids)]
            self.versions[thing] = self.versions.get(thing, 0) + 1
            found.append(Outgoing(ThingCounted(thing_id=thing, amount=1), self.versions[thing], datetime.now(UTC)))
        return found

    @property
    def total(self) -> int:
        return sum(self.versions.values())


def a_record(event: IntegrationEvent, *, version: int = 1, message_id: UUID | None = None, **changes: Any) -> Record:
    """The record that would carry an event; `changes` replace attributes of its envelope."""
    now = datetime.now(UTC)
    message = Message(
        id=str(message_id or new_id()),
        source=event.SOURCE,
        type=event.TYPE,
        subject=event.subject(),
        occurred_at=now,
        partition_key=event.partition_key(),
        version=version,
        recorded_at=now,
        actor="system",
        data=event.to_json().encode(),
    )
    message = replace(message, **changes)
    # Without the id that the local log appends once by: these tests want a message twice when they send it twice.
    return encode(message, event.TOPIC)._replace(id=None)


async def create(url: str) -> Database:
    database = Database(url, tables)
    async with database.writer.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    return database


@dataclass
class World:
    """A publishing side and a consuming side with a log between them."""

    publisher: Database
    consumer: Database
    log: Log
    things: Things = field(default_factory=Things)

    async def publish(self, number: int, *, at_once: int = 50) -> None:
        """Commit messages to the publisher's outbox."""
        for start in range(0, number, at_once):
            async with self.publisher.transaction() as session:
                await emit_many(session, self.things.outgoing(min(at_once, number - start)))

    async def send(self, *records: Record) -> None:
        """Append records past the outbox."""
        await self.log.ensure_topics([TOPIC])
        producer = await self.log.producer()
        try:
            await producer.send(records)
        finally:
            await producer.close()

    @contextlib.asynccontextmanager
    async def relaying(self, **options: Any) -> AsyncIterator[Relay]:
        relay = Relay(self.publisher, self.log, service="testing", topics=[TOPIC], **options)
        async with running(relay):
            yield relay

    @contextlib.asynccontextmanager
    async def consuming(self, handlers: Handlers | None = None, name: str = "ledger") -> AsyncIterator[MessageConsumer]:
        consumer = MessageConsumer(self.consumer, self.log, handlers or counting(), name=name)
        async with running(consumer):
            yield consumer

    async def entries(self) -> list[Any]:
        async with self.consumer.reading() as session:
            connection = await session.connection()
            return list((await connection.execute(select(ledger).order_by(ledger.c.entry))).all())

    async def entry_count(self, handler: str | None = None) -> int:
        query = select(func.count()).select_from(ledger)
        if handler is not None:
            query = query.where(ledger.c.handler == handler)
        async with self.consumer.reading() as session:
            return (await (await session.connection()).execute(query)).scalar_one()

    async def outbox_count(self) -> int:
        async with self.publisher.reading() as session:
            connection = await session.connection()
            return (await connection.execute(select(func.count()).select_from(tables.messaging.outbox))).scalar_one()

    async def dead_letters(self) -> list[DeadLetter]:
        async with self.consumer.reading() as session:
            return await list_dead_letters(session)

    async def applied(self, number: int, *, timeout: float = 120.0) -> None:
        """Wait until the ledger has at least so many entries."""

        async def enough() -> bool:
            return await self.entry_count() >= number

        await eventually(enough, timeout=timeout, what=f"{number} entries")

    async def drained(self, *, timeout: float = 120.0) -> None:
        async def empty() -> bool:
            return await self.outbox_count() == 0

        await eventually(empty, timeout=timeout, what="the outbox is empty")

    async def close(self) -> None:
        await self.log.close()
        await self.publisher.dispose()
        await self.consumer.dispose()


@contextlib.asynccontextmanager
async def running(worker: Relay | MessageConsumer | Bridge) -> AsyncIterator[None]:
    """Run a worker; at the end stop it orderly."""
    stop = asyncio.Event()
    task = asyncio.create_task(worker.run(stop))
    try:
        yield
    finally:
        stop.set()
        await task


@contextlib.asynccontextmanager
async def killed(worker: Relay | MessageConsumer | Bridge) -> AsyncIterator[None]:
    """Run a worker; at the end cut it off in whatever it is doing."""
    task = asyncio.create_task(worker.run(asyncio.Event()))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def assert_each_once_in_order(entries: Sequence[Any], things: Things) -> None:
    """Every message applied once, and each thing's in the order of its versions."""
    seen: dict[UUID, list[int]] = {}
    for entry in entries:
        seen.setdefault(entry.thing_id, []).append(entry.version)
    assert seen == {thing: list(range(1, last + 1)) for thing, last in things.versions.items()}


def sqlite_url(folder: Path, name: str) -> str:
    return f"sqlite:///{folder / name}.sqlite"
