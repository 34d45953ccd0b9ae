"""Holes: messages that the log deleted before this consumer had read them.

A consumer that finds one reads no further in that topic: it waits for a word. `qunxue republish` gives it, and then the topic counts
as never caught up until everything that is restated there has been restated; or an operator accepts the loss. What
was lost stays on record (decision 0020).
"""

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import and_, func, insert, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.context import context_of
from chassis.database.messaging_tables import MessagingTables
from chassis.ids import new_id
from chassis.messaging import metrics
from chassis.messaging.envelope import TopicPartition, is_ours

logger = logging.getLogger(__name__)

State = Literal["waiting", "released", "accepted", "reading", "closed"]
WAITING: Final = "waiting"
"""For a word."""
RELEASED: Final = "released"
"""By a restatement: the consumer has not begun to read on."""
ACCEPTED: Final = "accepted"
"""By an operator: the same."""
READING: Final = "reading"
"""On, and not to be trusted before all is restated."""
CLOSED: Final = "closed"


@dataclass(frozen=True, slots=True)
class Hole:
    """What is missing: messages recorded after `known_until` (None: of all times before) and deleted before `noticed_at`."""

    consumer: str
    topic: str
    state: State
    noticed_at: datetime
    known_until: datetime | None
    closed_at: datetime | None


async def holes(session: AsyncSession, *, open_only: bool = True) -> list[Hole]:
    """The holes of this database's consumers, the oldest first."""
    table = _tables(session).consumer_holes
    columns = [table.c[name] for name in Hole.__dataclass_fields__]
    query = select(*columns).order_by(table.c.noticed_at, table.c.topic)
    rows = await session.execute(query.where(table.c.closed_at.is_(None)) if open_only else query)
    return [Hole(*row) for row in rows]


async def waiting_topics(session: AsyncSession, consumer: str) -> set[str]:
    """The topics that the consumer must not read on in."""
    return {hole.topic for hole in await holes(session) if hole.consumer == consumer and hole.state == WAITING}


async def look_for_holes(
    session: AsyncSession, consumer: str, begins: Mapping[TopicPartition, int], now: datetime
) -> set[str]:
    """Record what was lost, and go on where a word was given; the topics that wait for one.

    `begins`: where each partition begins now of which something was deleted that this consumer had not read.
    """
    by_topic: defaultdict[str, dict[int, int]] = defaultdict(dict)
    for key, begin in begins.items():
        by_topic[key.topic][key.partition] = begin
    # Two processes of one consumer may find the same: the second waits here, and then sees what the first has written.
    progress = _tables(session).consumer_progress
    await session.execute(select(progress.c.partition).where(progress.c.consumer == consumer).with_for_update())
    known = {hole.topic: hole for hole in await holes(session) if hole.consumer == consumer}
    for topic in sorted(by_topic.keys() - known.keys()):
        await _record(session, consumer, topic, by_topic[topic], now)
    for topic, hole in known.items():
        if hole.state in {RELEASED, ACCEPTED}:
            await _pass(session, hole, by_topic[topic], now)
        elif hole.state == READING and by_topic[topic]:
            logger.error("%s lost further messages of %s", consumer, topic)
            await _set(session, hole, state=WAITING, noticed_at=now)
    return await waiting_topics(session, consumer)


async def release(session: AsyncSession, topics: Iterable[str]) -> list[str]:
    """Let whoever waits read on, because what is missing has been restated; the topics that it concerns."""
    waiting = [hole for hole in await holes(session) if hole.topic in set(topics) and hole.state == WAITING]
    for hole in waiting:
        await _set(session, hole, state=RELEASED)
    return [hole.topic for hole in waiting]


async def accept(session: AsyncSession, topic: str, now: datetime) -> bool:
    """Have the topic read on and trusted without what was lost; False where nothing waits."""
    found = [hole for hole in await holes(session) if hole.topic == topic]
    for hole in found:
        if hole.state == READING:
            await close(session, hole, now)
        else:
            await _set(session, hole, state=ACCEPTED)
    return bool(found)


async def close(session: AsyncSession, hole: Hole, now: datetime) -> None:
    """The topic is known again, as far as it was heard."""
    progress = _tables(session).consumer_progress
    await _set(session, hole, state=CLOSED, closed_at=now)
    await session.execute(
        update(progress)
        .where(and_(progress.c.consumer == hole.consumer, progress.c.topic == hole.topic))
        .values(caught_up_at=progress.c.heard_until)
    )
    metrics.HOLES.labels(hole.consumer, hole.topic).set(0)
    logger.info("%s has closed the hole in %s", hole.consumer, hole.topic)


async def _record(session: AsyncSession, consumer: str, topic: str, begins: Mapping[int, int], now: datetime) -> None:
    tables = _tables(session)
    progress = tables.consumer_progress
    of_topic = and_(progress.c.consumer == consumer, progress.c.topic == topic)
    row = (
        await session.execute(
            select(func.min(progress.c.caught_up_at), func.count(progress.c.caught_up_at), func.count()).where(of_topic)
        )
    ).one()
    known_until = row[0] if row[1] == row[2] else None
    await session.execute(
        insert(tables.consumer_holes).values(
            id=new_id(), consumer=consumer, topic=topic, state=WAITING, noticed_at=now, known_until=known_until
        )
    )
    # Never caught up: whoever must know enough asks the owner from now on.
    await session.execute(update(progress).where(of_topic).values(caught_up_at=None, heard_until=None))
    metrics.HOLES.labels(consumer, topic).set(1)
    logger.error(
        "%s has a hole: the log deleted messages of %s that it had not read, after %s; it waits for `qunxue %s`",
        consumer,
        topic,
        known_until.isoformat() if known_until else "the beginning",
        # A further group keeps nothing that could be restated.
        "republish" if is_ours(topic) and "." not in consumer else "holes accept",
        extra={"partitions": {str(number): begin for number, begin in sorted(begins.items())}},
    )


async def _pass(session: AsyncSession, hole: Hole, begins: Mapping[int, int], now: datetime) -> None:
    progress = _tables(session).consumer_progress
    for number, begin in begins.items():
        key = and_(progress.c.consumer == hole.consumer, progress.c.topic == hole.topic, progress.c.partition == number)
        await session.execute(update(progress).where(key).values(next_offset=begin))
    if hole.state == ACCEPTED:
        await close(session, hole, now)
    else:
        await _set(session, hole, state=READING)
    logger.warning("%s reads on in %s without what was lost", hole.consumer, hole.topic)


async def _set(session: AsyncSession, hole: Hole, **values: Any) -> None:
    table = _tables(session).consumer_holes
    this = and_(table.c.consumer == hole.consumer, table.c.topic == hole.topic, table.c.closed_at.is_(None))
    await session.execute(update(table).where(this).values(values))


def _tables(session: AsyncSession) -> MessagingTables:
    return context_of(session).tables.messaging
