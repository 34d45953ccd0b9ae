"""Messages from a committed outbox to a committed ledger: in batches, one by one, and with no database at all.

PostgreSQL with fsync on, a real broker, the product's own relay, consumer and handlers: replies in discussions go from a
publisher's outbox through Kafka into gamification's inbox, occurrences, ledger, balances, boards and its own outbox, daily
caps checked.

    python -m benchmarks.messaging [MESSAGES]
"""

import asyncio
import contextlib
import functools
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path

import kafka
import uvloop
from sqlalchemy import ColumnElement, Table, func, select

from benchmarks.figures import Figure, end_with
from chassis.database.base import Row, service_registry, service_tables
from chassis.database.engine import Database
from chassis.ids import new_id
from chassis.memory import collect_less_often
from chassis.messaging.consumer import MessageConsumer
from chassis.messaging.dispatch import Dispatcher
from chassis.messaging.envelope import Batch, Record, TopicPartition
from chassis.messaging.kafka import KafkaLog, KafkaOptions
from chassis.messaging.outbox import Outgoing, emit_many
from chassis.messaging.relay import Relay, record_of
from chassis.settings import Settings
from chassis.testing import Harness, received
from contracts.content import ReplyPosted
from contracts.membership import CommunityOpened, MemberJoined
from services.gamification.definition import definition
from tests.support.kafka import KafkaBroker
from tests.support.messaging import running
from tests.support.postgres import PostgresServer

COMMUNITY = new_id()
MEMBERS = [new_id() for _ in range(500)]
A_DAY = 12
"""Replies a member writes in a day: two more than the default rule pays for."""
BEGAN = datetime.now(UTC) - timedelta(days=60)
TOPIC = ReplyPosted.TOPIC
HANDLER = "reward_deeds"
AT_ONCE = "at once"
ROUNDS = 5
NEARLY = 2000


class PublishersBase(Row, registry=service_registry()):
    """Every table of the service that publishes."""


publishers_tables = service_tables(PublishersBase)


def replies(first: int, number: int) -> list[Outgoing]:
    """Everybody writes in turn, day by day."""
    found = []
    for n in range(first, first + number):
        turn, member = divmod(n, len(MEMBERS))
        day, hour = divmod(turn, A_DAY)
        discussion = new_id()
        event = ReplyPosted(
            community_id=COMMUNITY,
            reply_id=new_id(),
            kind="comment",
            discussion_id=discussion,
            discussion_kind="topic",
            discussion_author_id=MEMBERS[member - 1],
            author_id=MEMBERS[member],
        )
        found.append(Outgoing(event, 1, BEGAN + timedelta(days=day, hours=hour)))
    return found


async def a_publisher(url: str) -> Database:
    database = Database(url, publishers_tables)
    async with database.writer.begin() as connection:
        await connection.run_sync(publishers_tables.metadata.create_all)
    return database


async def introduce(harness: Harness) -> None:
    """Gamification knows the community and its members."""
    joined = BEGAN - timedelta(days=1)
    opened = CommunityOpened(
        community_id=COMMUNITY,
        slug="bench",
        name="Bench",
        kind="training",
        status="open",
        visibility="internal",
        join="open",
        time_zone="Asia/Shanghai",
        day_starts_at=clock_time(0),
        streak_days="every_day",
        charter_version=1,
    )
    await harness.deliver(received(opened, occurred_at=joined))
    members = [
        MemberJoined(
            community_id=COMMUNITY,
            member_id=member_id,
            person_id=new_id(),
            display_name="Member",
            person_kind="employee",
            status="active",
            joined_at=joined,
            via="import",
        )
        for member_id in MEMBERS
    ]
    await harness.deliver(*(received(member, occurred_at=joined) for member in members))


async def fill(database: Database, number: int) -> None:
    for start in range(0, number, 1000):
        async with database.transaction() as session:
            await emit_many(session, replies(start, min(1000, number - start)))


async def count(database: Database, table: Table, *where: ColumnElement[bool]) -> int:
    async with database.reading() as session:
        query = select(func.count()).select_from(table).where(*where)
        return (await (await session.connection()).execute(query)).scalar_one()


Done = Callable[[], None]
"""To be called when the last message has arrived: what is closed after that is not measured."""


async def until_none(left: Callable[[], Awaitable[int]], done: Done) -> None:
    """Ask how many are left until none is: seldom while there are many, since asking costs the CPU that is measured."""
    while number := await left():
        await asyncio.sleep(0.02 if number < NEARLY else 0.25)
    done()


async def rate(number: int, work: Callable[[Done], Awaitable[None]]) -> tuple[float, float]:
    """Messages per second, and milliseconds of this process's CPU for each, from the start of `work` to its `done`."""
    ends: list[tuple[float, float]] = []
    wall, cpu = time.perf_counter(), time.process_time()
    await work(lambda: ends.append((time.perf_counter(), time.process_time())))
    ended, used = max(ends)
    return number / (ended - wall), (used - cpu) / number * 1000


class Round:
    """A publisher, gamification and topics of their own."""

    def __init__(self, publisher: Database, harness: Harness, log: KafkaLog) -> None:
        self.publisher = publisher
        self.harness = harness
        self.log = log

    def relay(self, batch: int = 200) -> Relay:
        return Relay(self.publisher, self.log, service="content", topics=[TOPIC], batch=batch)

    def consumer(self) -> MessageConsumer:
        return MessageConsumer(self.harness.runtime.database, self.log, definition.handlers, name="gamification")

    async def unpublished(self) -> int:
        return await count(self.publisher, publishers_tables.messaging.outbox)

    async def unrewarded(self, number: int) -> int:
        messaging = definition.tables.messaging
        progress = messaging.consumer_progress
        database = self.harness.runtime.database
        # Counting the inbox costs more the fuller it is, so it is looked at near the end only; marks have offsets, too.
        async with database.reading() as session:
            read = select(func.sum(progress.c.next_offset)).where(progress.c.topic == TOPIC)
            unread = number - ((await (await session.connection()).execute(read)).scalar_one() or 0)
        if unread > 0:
            return unread
        return number - await count(database, messaging.inbox, messaging.inbox.c.handler == HANDLER)


class Bench:
    def __init__(self, server: PostgresServer, broker: KafkaBroker, folder: Path) -> None:
        self._server = server
        self._broker = broker
        self._folder = folder
        self._rounds = 0

    @contextlib.asynccontextmanager
    async def round(self, number: int) -> AsyncIterator[Round]:
        self._rounds += 1
        publisher = await a_publisher(self._server.create_database(f"publisher_{self._rounds}"))
        url = self._server.create_database(f"gamification_{self._rounds}")
        log = KafkaLog(KafkaOptions((self._broker.bootstrap,), {}, prefix=f"r{self._rounds}."))
        settings = Settings(data_dir=self._folder)
        async with Harness(definition, settings, database_url=url, held=False) as harness:
            await introduce(harness)
            await fill(publisher, number)
            await log.ensure_topics([TOPIC, *definition.handlers.topics()])
            yield Round(publisher, harness, log)
        await publisher.dispose()

    async def stages(self, number: int, *, batch: int, one_by_one: bool = False) -> dict[str, tuple[float, float]]:
        """Relay alone, then the consumer alone."""
        async with self.round(number) as made:

            async def relay(done: Done) -> None:
                async with running(made.relay(batch)):
                    await until_none(made.unpublished, done)

            async def consume(done: Done) -> None:
                consumer = made.consumer()
                if one_by_one:
                    consumer._dispatcher = OneByOne(made.harness.runtime.database, definition.handlers, "gamification")
                async with running(consumer):
                    await until_none(functools.partial(made.unrewarded, number), done)

            return {"outbox to Kafka": await rate(number, relay), "Kafka to ledger": await rate(number, consume)}

    async def end_to_end(self, number: int) -> tuple[float, float]:
        """Relay and consumer at once, in one process."""
        async with self.round(number) as made:

            async def work(done: Done) -> None:
                async with running(made.relay()), running(made.consumer()):
                    await until_none(functools.partial(made.unrewarded, number), done)

            return await rate(number, work)

    async def records(self, number: int) -> list[Record]:
        """The same messages as records, without a database behind them."""
        self._rounds += 1
        publisher = await a_publisher(self._server.create_database(f"publisher_{self._rounds}"))
        await fill(publisher, number)
        async with publisher.reading() as session:
            rows = (await (await session.connection()).execute(select(publishers_tables.messaging.outbox))).all()
        await publisher.dispose()
        return [record_of(row) for row in rows]

    async def bare(self, records: list[Record]) -> dict[str, tuple[float, float]]:
        """kafka-python with the same settings and the same bytes: one producer, then one consumer that commits."""
        produce, consume = await self.bare_pair(records)
        return {
            "produced": await rate(len(records), functools.partial(asyncio.to_thread, produce)),
            "consumed": await rate(len(records), functools.partial(asyncio.to_thread, consume)),
        }

    async def bare_at_once(self, records: list[Record]) -> tuple[float, float]:
        """Both at once, in one process."""
        pair = await self.bare_pair(records)

        async def work(done: Done) -> None:
            await asyncio.gather(*(asyncio.to_thread(one, done) for one in pair))

        return await rate(len(records), work)

    async def bare_pair(self, records: list[Record]) -> tuple[Callable[[Done], None], Callable[[Done], None]]:
        """What produces and what consumes the records, on a topic of their own."""
        self._rounds += 1
        log = KafkaLog(KafkaOptions((self._broker.bootstrap,), {}, prefix=f"r{self._rounds}."))
        await log.ensure_topics([TOPIC])
        topic = log.options.prefix + TOPIC

        def produce(done: Done) -> None:
            producer = kafka.KafkaProducer(
                bootstrap_servers=self._broker.bootstrap,
                acks="all",
                linger_ms=5,
                batch_size=262144,
                compression_type="lz4",
            )
            futures = [producer.send(topic, r.value, key=r.key, headers=list(r.headers)) for r in records]
            producer.flush()
            for future in futures:
                future.get(timeout=10)
            done()
            producer.close()

        def consume(done: Done) -> None:
            reader = kafka.KafkaConsumer(
                topic, bootstrap_servers=self._broker.bootstrap, group_id=topic, enable_auto_commit=False,
                auto_offset_reset="earliest", isolation_level="read_committed",
            )  # fmt: skip
            read = 0
            while read < len(records):
                read += sum(len(found) for found in reader.poll(timeout_ms=500).values())
                reader.commit_async()
            done()
            reader.close()

        return produce, consume


class OneByOne(Dispatcher):
    """The same handlers, each message in a transaction of its own."""

    async def apply(self, batch: Batch) -> None:
        for delivery in batch.deliveries:
            position = {TopicPartition(delivery.topic, delivery.partition): delivery.offset + 1}
            await super().apply(Batch([delivery], position, {}))


def together(*rates: tuple[float, float]) -> float:
    """Stages one after the other."""
    return 1 / sum(1 / per_second for per_second, _ in rates)


def run(number: int = 20_000) -> list[Figure]:
    """Both comparisons."""
    return uvloop.run(measure(number))  # as a worker does


async def measure(number: int) -> list[Figure]:
    """Measure, print what was measured, and return both figures."""
    collect_less_often()  # as a worker does
    with PostgresServer(fsync=True) as server, KafkaBroker() as broker, tempfile.TemporaryDirectory() as folder:
        bench = Bench(server, broker, Path(folder))
        batched = await bench.stages(number, batch=200)
        single = await bench.stages(max(200, number // 20), batch=1, one_by_one=True)
        records = await bench.records(number)
        bare = await bench.bare(records)
        # In turn, because the machine is faster one minute than the next; the middle one of each counts.
        pairs = [(await bench.end_to_end(number), await bench.bare_at_once(records)) for _ in range(ROUNDS)]
    batched[AT_ONCE], bare[AT_ONCE] = (sorted(side)[ROUNDS // 2] for side in zip(*pairs, strict=True))
    for title, stages in (("in batches", batched), ("one per transaction", single), ("kafka-python alone", bare)):
        for stage, (per_second, milliseconds) in stages.items():
            print(f"{title:>22}  {stage:<18} {per_second:>9,.0f}/s  {milliseconds:6.3f} ms CPU each")
    slow = together(*single.values())
    fast = together(*(rate for stage, rate in batched.items() if stage != AT_ONCE))
    whole, least = batched[AT_ONCE][0], bare[AT_ONCE][0]
    what = "messages from committed outbox to committed ledger"
    return [
        Figure(what, f"{fast:,.0f}/s", f"one a transaction {slow:,.0f}/s", fast / slow, 15, "least"),
        Figure(
            f"{what}, relay and consumer at once",
            f"{whole:,.0f}/s",
            f"kafka-python at once, no database {least:,.0f}/s",
            whole / least,
            0.25,
            "least",
        ),
        Figure(
            "the same, by CPU, which the noise of the machine moves less",
            f"{batched[AT_ONCE][1]:.3f} ms each",
            f"kafka-python {bare[AT_ONCE][1]:.3f} ms each",
            bare[AT_ONCE][1] / batched[AT_ONCE][1],
            0.25,
            "least",
        ),
    ]


if __name__ == "__main__":
    end_with(run(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000))
