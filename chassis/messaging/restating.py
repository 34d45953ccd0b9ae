"""The end of a restatement: from then on, what a projection has and was not told again is dropped.

The end is a message among the others, without a contract: `qunxue.<service>.<subject>.restated.v1`, whose `time` is when the owner
began to read and whose `recordedtime` is when the last snapshot was committed. The snapshots before it lie in all
partitions; they have arrived when every partition is heard up to that moment.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, func, insert, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.clock import system_clock
from chassis.database.context import context_of
from chassis.database.messaging_tables import MessagingTables
from chassis.database.statements import upsert
from chassis.ids import new_id
from chassis.messaging.codec import decode_envelope
from chassis.messaging.envelope import Delivery
from chassis.messaging.handlers import Handlers
from chassis.messaging.holes import READING, close, holes

MARGIN = timedelta(minutes=5)
"""What was told so shortly before a restatement began is kept: the owner's processes have clocks of their own."""
_SUFFIX = ".restated.v1"


@dataclass(frozen=True, slots=True)
class Restated:
    """Everything of one kind was told again, by messages recorded from `began_at` to `ended_at`."""

    topic: str
    subject: str
    began_at: datetime
    ended_at: datetime


def is_end(type_name: str) -> bool:
    """Whether a message of this type is the end of a restatement."""
    return type_name.endswith(_SUFFIX)


def end_of(delivery: Delivery) -> Restated:
    """The end of a restatement. Raises `UndecodableError`."""
    message = decode_envelope(delivery)
    return Restated(delivery.topic, message.subject, message.occurred_at, message.recorded_at)


async def tell_end(session: AsyncSession, *, service: str, subject: str, topic: str, began_at: datetime) -> None:
    """Write the end to the outbox, when every snapshot is committed."""
    context = context_of(session)
    await session.execute(
        insert(context.tables.messaging.outbox).values(
            id=new_id(),
            aggregatetype=subject,
            aggregateid=subject,
            aggregateversion=0,
            type=f"qunxue.{service}.{subject}{_SUFFIX}",
            topic=topic,
            partitionkey=subject,
            payload="{}",
            occurred_at=began_at,
            recorded_at=system_clock(),
            actorid=context.actor,
        )
    )
    context.emitted = True


async def keep_ends(session: AsyncSession, consumer: str, ends: Sequence[Restated]) -> None:
    """Remember restatements that have ended, until all of each has arrived; the latest of a kind counts."""
    table = _tables(session).restatements
    for end in ends:
        row = {
            "consumer": consumer,
            "topic": end.topic,
            "subject": end.subject,
            "began_at": end.began_at,
            "ended_at": end.ended_at,
            "applied_at": None,
        }
        statement = upsert(session, table)
        await session.execute(
            statement.on_conflict_do_update(
                index_elements=[table.c.consumer, table.c.topic, table.c.subject],
                set_={name: statement.excluded[name] for name in ("began_at", "ended_at", "applied_at")},
                where=table.c.began_at < statement.excluded.began_at,
            ),
            row,
        )


async def settle(session: AsyncSession, consumer: str, handlers: Handlers, now: datetime) -> None:
    """Drop what was not told again by restatements that have arrived whole; close the holes that they heal."""
    table = _tables(session).restatements
    waiting = and_(table.c.consumer == consumer, table.c.applied_at.is_(None))
    rows = (await session.execute(select(table).where(waiting).order_by(table.c.began_at))).all()
    if not rows:
        return
    for row in rows:
        heard = await _heard_until(session, consumer, row.topic)
        if heard is None or heard < row.ended_at:
            continue
        for forget in handlers.forgetting(row.topic, row.subject):
            await forget(session, row.began_at - MARGIN)
        key = and_(table.c.consumer == consumer, table.c.topic == row.topic, table.c.subject == row.subject)
        await session.execute(update(table).where(key).values(applied_at=now))
    for hole in await holes(session):
        if hole.consumer != consumer or hole.state != READING:
            continue
        if not await missing(session, consumer, hole.topic, handlers, since=hole.noticed_at):
            await close(session, hole, now)


async def missing(
    session: AsyncSession, consumer: str, topic: str, handlers: Handlers, *, since: datetime
) -> list[str]:
    """Of what may be restated in the topic, the kinds that this consumer keeps and was not told again since then."""
    table = _tables(session).restatements
    told = await session.execute(
        select(table.c.subject).where(
            and_(
                table.c.consumer == consumer,
                table.c.topic == topic,
                table.c.applied_at.is_not(None),
                table.c.began_at >= since,
            )
        )
    )
    return sorted(handlers.restatable(topic) - set(told.scalars()))


async def _heard_until(session: AsyncSession, consumer: str, topic: str) -> datetime | None:
    progress = _tables(session).consumer_progress
    heard = progress.c.heard_until
    row = (
        await session.execute(
            select(func.min(heard), func.count(heard), func.count()).where(
                and_(progress.c.consumer == consumer, progress.c.topic == topic)
            )
        )
    ).one()
    least: datetime | None = row[0]
    return least if row[1] == row[2] else None


def _tables(session: AsyncSession) -> MessagingTables:
    return context_of(session).tables.messaging
