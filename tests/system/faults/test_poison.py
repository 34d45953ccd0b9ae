"""Fault 7: one message in a hundred is poison. It is put aside with its reason, delays nobody, and is applied once it is mended."""

import asyncio
import base64
import json
import random
import sqlite3
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select, update

from chassis.ids import new_id
from chassis.messaging.codec import encode
from chassis.messaging.consumer import MessageConsumer
from chassis.messaging.dead_letters import ReplayFailedError, list_dead_letters, replay
from chassis.messaging.envelope import Message, Received, Record
from chassis.messaging.local_log import LocalLog
from chassis.messaging.log import Log
from chassis.testing import Harness
from contracts.content import ContentFeatured
from contracts.fields import ContentObject
from services.gamification.definition import definition
from tests.support.messaging import running
from tests.support.scale import scaled, seed
from tests.support.waiting import eventually, eventually_sync
from tests.system.faults.books import log_of, rows
from tests.system.faults.history import END, History
from tests.system.faults.net_state import differences, net_state
from tests.system.restoring import found_company
from tests.system.stacks import STARTS, WAYS

pytestmark = [pytest.mark.fault(7), pytest.mark.slow, pytest.mark.timeout(1500)]

SEED = seed()
HAPPENINGS = scaled(4000, reduced=700)
IN_A_SECOND = 200
DELAY = 1.0

REASONS = ["bad_encoding", "bad_json", "too_deep", "wrong_schema", "wrong_source"]


def spoiled(record: Record, reason: str) -> Record:
    """The same message, gone bad in one way."""
    match reason:
        case "bad_encoding":
            return record._replace(value=record.value[:-1] + b',"x":"\xff"}')
        case "bad_json":
            return record._replace(value=record.value[:-1])
        case "too_deep":
            return record._replace(value=record.value[:-1] + b',"x":' + b"[" * 10_000 + b"]" * 10_000 + b"}")
        case "wrong_schema":
            # Every kind of message has a text (an id at least) where an object must be refused.
            data = json.loads(record.value)
            name = next(name for name, value in data.items() if isinstance(value, str))
            return record._replace(value=json.dumps(data | {name: {"no": "text"}}).encode())
        case _:
            headers = dict(record.headers) | {"ce_source": b"/corporate/hr"}
            return record._replace(headers=tuple(headers.items()))


def record_of(message: Received[Any]) -> Record:
    return encode(
        Message(
            id=str(message.id),
            source=message.source,
            type=message.type,
            subject=message.subject,
            occurred_at=message.occurred_at,
            partition_key=message.data.partition_key(),
            version=message.version,
            recorded_at=message.recorded_at,
            actor=message.actor,
            data=message.data.to_json().encode(),
            community_id=message.community_id,
        ),
        message.topic,
    )


@pytest.fixture(params=["local log", pytest.param("kafka", marks=[pytest.mark.kafka, pytest.mark.postgres])])
def way(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    return kind


@pytest.fixture
def database(way: str) -> str:
    """The local log goes with SQLite, Kafka with PostgreSQL."""
    return "sqlite" if way == "local log" else "postgres"


@asynccontextmanager
async def a_log(way: str, request: pytest.FixtureRequest, tmp_path: Any) -> AsyncIterator[Log]:
    log: Log
    if way == "local log":
        log = LocalLog(tmp_path / f"{uuid.uuid4().hex}.sqlite")
    else:
        from chassis.messaging.kafka import KafkaLog, KafkaOptions

        bootstrap = request.getfixturevalue("kafka_broker").bootstrap
        log = KafkaLog(KafkaOptions((bootstrap,), {}, prefix=f"p{uuid.uuid4().hex[:10]}."))
    try:
        yield log
    finally:
        await log.close()


async def consume(harness: Harness, log: Log, records: list[Record]) -> dict[str, float]:
    """Have them all consumed, so many a second; by message id, how long after it was sent each was seen to be applied.

    The first is not measured: by it the consumer shows that it has found its partitions.
    """
    consumer = MessageConsumer(harness.runtime.database, log, definition.handlers, name="gamification")
    await log.ensure_topics(definition.handlers.topics())
    sent: dict[str, float] = {}
    waited: dict[str, float] = {}

    async def look() -> bool:
        now = time.monotonic()
        for id_ in await ended(harness):
            if id_ in sent and id_ not in waited:
                waited[id_] = now - sent[id_]
        assert len(waited) >= len(records), f"{len(waited)} of {len(records)} are applied or put aside"
        return True

    async with running(consumer):
        producer = await log.producer()
        sign, *records = records
        await eventually(lambda: is_reading(harness, sign, producer), interval=0.2)
        looking = asyncio.create_task(eventually(look, timeout=scaled(600, reduced=180), interval=0.05))
        began = time.monotonic()
        for start in range(0, len(records), 20):
            some = records[start : start + 20]
            now = time.monotonic()
            sent |= {dict(record.headers)["ce_id"].decode(): now for record in some}
            await producer.send(some)
            # A steady pace, not a wait for something.
            await asyncio.sleep(max(0.0, began + (start + 20) / IN_A_SECOND - time.monotonic()))
        await looking
        await producer.close()
    return waited


async def is_reading(harness: Harness, sign: Record, producer: Any) -> bool:
    await producer.send([sign])
    return bool(await ended(harness))


async def ended(harness: Harness) -> set[str]:
    """The ids of messages that were applied or put aside."""
    tables = harness.runtime.service.tables.messaging
    async with harness.runtime.database.reading() as session:
        applied = await session.execute(select(tables.inbox.c.message_id))
        aside = await session.execute(select(tables.dead_letters.c.message_id))
        return {str(id_) for id_ in applied.scalars()} | set(aside.scalars())


async def mend(harness: Harness, records: dict[str, Record]) -> None:
    """Put the bytes and headers as they should have been in place of what was put aside."""
    letters = harness.runtime.service.tables.messaging.dead_letters
    async with harness.runtime.database.transaction() as session:
        connection = await session.connection()
        for id_, record in records.items():
            headers = [[name, base64.b64encode(value).decode()] for name, value in record.headers]
            await connection.execute(
                update(letters).where(letters.c.message_id == id_).values(payload=record.value, headers=headers)
            )


async def test_the_others_are_not_delayed_and_the_mended_ones_give_the_clean_state(
    way, start_service, request, tmp_path
):
    print(f"seed {SEED}")
    chance = random.Random(SEED)
    history = History(SEED, HAPPENINGS)
    records = [record_of(message) for message in history.messages]
    handled = [r for r, m in zip(records, history.messages, strict=True) if type(m.data) in handled_types()]
    poison = dict.fromkeys(chance.sample(range(1, len(handled)), max(len(REASONS), len(handled) // 100)), "")
    poison = {place: REASONS[n % len(REASONS)] for n, place in enumerate(poison)}
    bad = [spoiled(r, poison[n]) if n in poison else r for n, r in enumerate(handled)]
    good = {dict(handled[n].headers)["ce_id"].decode(): handled[n] for n in poison}

    async with start_service(definition) as harness, a_log(way, request, tmp_path) as log:
        harness.clock.now = END
        clean = await consume(harness, log, handled)
        expected = await net_state(harness)
    async with start_service(definition) as harness, a_log(way, request, tmp_path) as log:
        harness.clock.now = END
        waited = await consume(harness, log, bad)
        async with harness.runtime.database.reading() as session:
            letters = await list_dead_letters(session, limit=1000)
        assert {letter.message_id: letter.reason for letter in letters} == {
            dict(handled[n].headers)["ce_id"].decode(): reason for n, reason in poison.items()
        }
        others = {id_: seconds for id_, seconds in waited.items() if id_ not in good}
        worst, usual = max(others.values()), max(clean[id_] for id_ in others)
        print(
            f"{way}: {len(bad)} messages, {len(good)} poison; longest delay {worst:.2f} s, without poison {usual:.2f} s"
        )
        assert worst - usual <= DELAY
        with pytest.raises(ReplayFailedError, match=letters[0].reason):
            await replay(harness.runtime.database, definition.handlers, letters[0].id, now=END, actor="system")
        await mend(harness, good)
        for letter in letters:
            await replay(harness.runtime.database, definition.handlers, letter.id, now=END, actor="system")
        found = await net_state(harness)
    assert differences(expected, found) == {}


def handled_types() -> set[type]:
    return {route.event_class for route in definition.handlers.routes.values()}


@pytest.mark.parametrize("running_way", WAYS)
def test_an_operator_finds_mends_and_replays_what_was_put_aside(running_way, tmp_path, processes):
    with STARTS[running_way](
        tmp_path / "stack",
        **(
            {}
            if running_way == "embedded"
            else {"services": ["kafka", "gateway", "membership-worker", "gamification-worker"]}
        ),
    ) as stack:
        company = found_company(stack)
        with stack.admin() as admin:
            member_id = admin.get("/v1/people/me")["memberships"][0]["member_id"]
            admin.until(f"/v1/wallets/{member_id}", lambda wallet: wallet["points"] == 10)
            records = [featured(company.community_id, member_id, stack.clock.now()) for _ in range(500)]
            bad = {n * 100 + 50: reason for n, reason in enumerate(REASONS)}
            mixed = [spoiled(r, bad[n]) if n in bad else r for n, r in enumerate(records)]
            if stack.product is not None:
                # The log's file has one owner at a time.
                assert stack.product.terminate() == 0
            asyncio.run(append(log_of(stack), mixed))
            if stack.product is not None:
                stack.product.start()
                stack.product.ready_sync(f"{stack.url}/readyz")
            # 10 for joining, 20 for each article featured, without a cap.
            admin.until(f"/v1/wallets/{member_id}", lambda wallet: wallet["points"] == 10 + 20 * (500 - len(bad)))
            environment = {k: v for k, v in stack.environment().items() if k.startswith("QUNXUE_")}

            def command(*words: str) -> str:
                return processes.run(["qunxue", "dead-letters", *words], env={**environment, "COLUMNS": "250"})

            eventually_sync(lambda: len(letters(stack)) == len(bad))
            listed = command("list", "gamification")
            assert all(id_ in listed and reason in listed for id_, reason in letters(stack).items())
            assert sorted(letters(stack).values()) == sorted(REASONS)
            id_ = next(id_ for id_, reason in letters(stack).items() if reason == "wrong_schema")
            assert json.loads(command("show", "gamification", id_))["detail"].startswith("community_id")
            put_right(stack, id_, records[next(n for n, reason in bad.items() if reason == "wrong_schema")])
            assert "1 replayed, 0 failed" in command("replay", "gamification", id_)
            admin.until(f"/v1/wallets/{member_id}", lambda wallet: wallet["points"] == 10 + 20 * (501 - len(bad)))
            assert len(letters(stack)) == len(bad) - 1
            actions = [entry["action"] for entry in admin.get("/v1/audit", limit=20)["items"]]
            assert "dead_letter.replay" in actions


def featured(community_id: str, member_id: str, now: datetime) -> Record:
    article, author = new_id(), uuid.UUID(member_id)
    event = ContentFeatured(
        community_id=uuid.UUID(community_id),
        object=ContentObject(kind="article", id=article, root_id=article, author_ids=(author,)),
        by=author,
    )
    message = Message(str(new_id()), event.SOURCE, event.TYPE, event.subject(), now, event.partition_key(), 1, now, "system",
                      event.to_json().encode(), event.community_id)  # fmt: skip
    return encode(message, event.TOPIC)


async def append(log: Log, records: list[Record]) -> None:
    await log.ensure_topics([ContentFeatured.TOPIC])
    producer = await log.producer()
    await producer.send(records)
    await producer.close()
    await log.close()


def letters(stack: Any) -> dict[str, str]:
    found = rows(stack, "gamification", "SELECT id, reason FROM dead_letters WHERE replayed_at IS NULL")
    return {str(uuid.UUID(str(id_))): reason for id_, reason in found}


def put_right(stack: Any, id_: str, record: Record) -> None:
    """What an operator does by hand in the database: the payload as it should have been."""
    if stack.compose is None:
        path = stack.environment()["QUNXUE_DATA_DIR"] + "/gamification.sqlite"
        with sqlite3.connect(path, timeout=10) as connection:
            connection.execute("UPDATE dead_letters SET payload = ? WHERE id = ?", (record.value, uuid.UUID(id_).hex))
        return
    payload = "\\x" + record.value.hex()
    rows(stack, "gamification", f"UPDATE dead_letters SET payload = '{payload}'::bytea WHERE id = '{id_}'")
