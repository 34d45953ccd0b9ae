"""What was applied: one row per message and handler, written with the effect."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import (
    String,
    Table,
    Uuid,
    and_,
    bindparam,
    case,
    cast,
    delete,
    exists,
    func,
    literal,
    literal_column,
    null,
    select,
    text,
    tuple_,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import UTCDateTime
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.context import context_of
from chassis.database.statements import Prepared, Spelling, insert_or_ignore, is_postgres
from chassis.messaging.envelope import TopicPartition

KEPT = timedelta(days=30)
"""Longer than any log keeps a message; what must hold for ever rests on business keys."""

Claim = tuple[UUID, str]
"""A message's inbox id and a handler's name."""


async def claim(session: AsyncSession, claims: Iterable[Claim], now: datetime) -> set[Claim]:
    """Write inbox rows and return those that were new, in one statement however many there are."""
    # In one order, or two consumers with the same messages (a zombie and its successor) would wait for each other.
    ordered = sorted(set(claims), key=lambda claim: (claim[0].int, claim[1]))
    if not ordered:
        return set()
    inbox = context_of(session).tables.messaging.inbox
    if is_postgres(session):
        ids, handlers = [i for i, _ in ordered], [name for _, name in ordered]
        rows = await _claim(inbox).all(session, now=now, ids=ids, handlers=handlers)
    else:
        pairs = orjson.dumps([[i.hex, name] for i, name in ordered]).decode()
        rows = await _claim(inbox).all(session, now=now, pairs=pairs)
    return {(row[0], row[1]) for row in rows}


@lru_cache(maxsize=64)
def _claim(inbox: Table) -> Prepared[Any]:
    return Prepared(lambda on: _on_postgres(inbox) if on.is_postgres else _on_sqlite())


def _on_postgres(inbox: Table) -> Any:
    arrays = [
        cast(bindparam("ids", type_=ARRAY(Uuid)), ARRAY(Uuid)),
        cast(bindparam("handlers", type_=ARRAY(String)), ARRAY(String)),
    ]
    pairs = func.unnest(*arrays).table_valued("message_id", "handler").render_derived()
    now = bindparam("now", type_=UTCDateTime())
    rows = select(pairs.c.message_id, pairs.c.handler, cast(now, UTCDateTime()))
    return (
        postgresql.insert(inbox)
        .from_select(["message_id", "handler", "handled_at"], rows)
        .on_conflict_do_nothing()
        .returning(inbox.c.message_id, inbox.c.handler)
    )


def _on_sqlite() -> Any:
    # WHERE true: without it SQLite takes ON CONFLICT for a join's ON.
    return (
        text(
            "INSERT INTO inbox (message_id, handler, handled_at)"
            " SELECT value ->> 0, value ->> 1, :now FROM json_each(:pairs) WHERE true"
            " ON CONFLICT DO NOTHING RETURNING message_id, handler"
        )
        .bindparams(bindparam("now", type_=UTCDateTime()), bindparam("pairs", type_=String))
        .columns(message_id=Uuid, handler=String)
    )


async def keep_progress(
    session: AsyncSession,
    consumer: str,
    positions: Mapping[TopicPartition, int],
    caught_up: Mapping[TopicPartition, datetime],
    now: datetime,
) -> None:
    """Write the next offset of each partition, and up to when it is caught up, unless messages are missing."""
    if not positions:
        return
    tables = context_of(session).tables.messaging
    rows = [
        {
            "consumer_": consumer,
            "topic_": key.topic,
            "partition_": key.partition,
            "next": positions[key],
            "moment": caught_up.get(key),
            "now": now,
        }
        for key in sorted(positions)
    ]
    await _keep(tables.consumer_progress, tables.consumer_holes).run_many(session, rows)


@lru_cache(maxsize=64)
def _keep(table: Table, holes: Table) -> Prepared[Any]:
    # Columns by name: of the table itself SQLAlchemy would make a second one to select from.
    missing = exists().where(
        and_(
            holes.c.consumer == literal_column(f"{table.name}.consumer"),
            holes.c.topic == literal_column(f"{table.name}.topic"),
            holes.c.closed_at.is_(None),
        )
    )

    def build(on: Spelling) -> Any:
        moment = bindparam("moment", type_=UTCDateTime())
        added = on.insert(table).values(
            consumer=bindparam("consumer_"),
            topic=bindparam("topic_"),
            partition=bindparam("partition_"),
            next_offset=bindparam("next"),
            caught_up_at=moment,
            heard_until=moment,
            updated_at=bindparam("now"),
        )
        known = func.coalesce(added.excluded.caught_up_at, table.c.caught_up_at)
        return added.on_conflict_do_update(
            index_elements=[table.c.consumer, table.c.topic, table.c.partition],
            set_={
                "next_offset": added.excluded.next_offset,
                "caught_up_at": case((missing, null()), else_=known),
                "heard_until": func.coalesce(added.excluded.heard_until, table.c.heard_until),
                "updated_at": added.excluded.updated_at,
            },
        )

    return Prepared(build)


async def expect_partitions(
    session: AsyncSession, consumer: str, partitions: Iterable[TopicPartition], now: datetime
) -> None:
    """Write a row for each partition that has none, as never caught up: unread messages must not look read."""
    table = context_of(session).tables.messaging.consumer_progress
    rows = [
        {
            "consumer": consumer,
            "topic": key.topic,
            "partition": key.partition,
            "next_offset": 0,
            "began_at": now,
            "updated_at": now,
        }
        for key in sorted(partitions)
    ]
    await (await session.connection()).execute(insert_or_ignore(session, table), rows)


async def began_at(session: AsyncSession, consumer: str) -> dict[str, datetime]:
    """When a consumer expected each topic for the first time; without those since before this was written down."""
    table = context_of(session).tables.messaging.consumer_progress
    query = select(table.c.topic, func.min(table.c.began_at)).where(table.c.consumer == literal(consumer))
    rows = await (await session.connection()).execute(query.group_by(table.c.topic))
    return {topic: began for topic, began in rows if began is not None}


async def kept_positions(session: AsyncSession, consumer: str) -> dict[TopicPartition, int]:
    """Where a consumer goes on, as its own database has it."""
    table = context_of(session).tables.messaging.consumer_progress
    query = select(table.c.topic, table.c.partition, table.c.next_offset).where(table.c.consumer == literal(consumer))
    rows = await (await session.connection()).execute(query)
    return {TopicPartition(topic, partition): position for topic, partition, position in rows}


async def forget_old(session: AsyncSession, now: datetime, *, limit: int = 100_000) -> int:
    """Drop up to `limit` inbox rows older than 30 days; how many. Call it again while it returns `limit`."""
    inbox = context_of(session).tables.messaging.inbox
    old = select(inbox.c.message_id, inbox.c.handler).where(inbox.c.handled_at < now - KEPT).limit(limit)
    key = tuple_(inbox.c.message_id, inbox.c.handler)
    return (await (await session.connection()).execute(delete(inbox).where(key.in_(old)))).rowcount
