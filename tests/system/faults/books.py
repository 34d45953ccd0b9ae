"""Looking past the API: into a running installation's databases and its log."""

import asyncio
import json
import sqlite3
from collections import defaultdict
from pathlib import Path
from typing import Any

import asyncpg

from chassis.messaging.kafka import KafkaLog, KafkaOptions
from chassis.messaging.local_log import LocalLog
from chassis.messaging.log import Log
from tests.system.stacks import Stack


def rows(stack: Stack, service: str, query: str) -> list[tuple[Any, ...]]:
    """What a query finds in one service's database; the words must be both databases'."""
    if stack.compose is not None:
        return asyncio.run(_on_postgres(stack.compose.database_url(service).replace("+asyncpg", ""), query))
    with sqlite3.connect(f"file:{_data(stack) / service}.sqlite?mode=ro", uri=True) as connection:
        return connection.execute(query).fetchall()


async def _on_postgres(url: str, query: str) -> list[tuple[Any, ...]]:
    connection = await asyncpg.connect(url)
    try:
        return [tuple(row) for row in await connection.fetch(query)]
    finally:
        await connection.close()


def count(stack: Stack, service: str, query: str) -> int:
    return int(rows(stack, service, query)[0][0])


def log_of(stack: Stack) -> Log:
    """The log that the stack works on; embedded, only while the product is stopped."""
    if stack.compose is not None:
        return KafkaLog(KafkaOptions((stack.compose.kafka.bootstrap,), {}))
    return LocalLog(_data(stack) / "log.sqlite")


def versions_told(stack: Stack, topic: str, at_least: int) -> dict[str, list[int]]:
    """By subject, the versions of its messages in the order of the log; a message that was sent again stands once."""
    return asyncio.run(_versions_told(log_of(stack), topic, at_least))


async def _versions_told(log: Log, topic: str, at_least: int) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    seen: set[bytes] = set()
    await log.ensure_topics([topic])
    subscription = await log.subscribe("looking", [topic], {})
    try:
        async with asyncio.timeout(60):
            while len(seen) < at_least:
                batch = await subscription.poll()
                for delivery in batch.deliveries:
                    headers = dict(delivery.headers)
                    if headers["ce_id"] not in seen:
                        seen.add(headers["ce_id"])
                        found[headers["ce_subject"].decode()].append(int(headers["ce_aggregateversion"]))
                await subscription.commit(batch.positions)
    finally:
        await subscription.close()
        await log.close()
    return found


def told(stack: Stack, topic: str, types: str, at_least: int) -> list[tuple[str, dict[str, Any]]]:
    """Type and data of the messages of these types, in the order in which they happened; each once."""
    return asyncio.run(_told(log_of(stack), topic, types.encode(), at_least))


async def _told(log: Log, topic: str, types: bytes, at_least: int) -> list[tuple[str, dict[str, Any]]]:
    found: dict[bytes, tuple[bytes, str, dict[str, Any]]] = {}
    await log.ensure_topics([topic])
    subscription = await log.subscribe("looking", [topic], {})
    try:
        async with asyncio.timeout(60):
            while len(found) < at_least:
                for delivery in (batch := await subscription.poll()).deliveries:
                    headers = dict(delivery.headers)
                    if headers["ce_type"].startswith(types):
                        data = json.loads(delivery.value)
                        found[headers["ce_id"]] = headers["ce_time"], headers["ce_type"].decode(), data
                await subscription.commit(batch.positions)
    finally:
        await subscription.close()
        await log.close()
    return [(name, data) for _, name, data in sorted(found.values(), key=lambda one: one[0])]


def _data(stack: Stack) -> Path:
    return Path(stack.environment()["QUNXUE_DATA_DIR"])
