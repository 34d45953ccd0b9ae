"""Writing messages in the transaction of the change they tell of."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import Table, insert
from sqlalchemy.orm import object_mapper
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.clock import system_clock
from chassis.database.base import Publishing
from chassis.database.bulk import insert_many
from chassis.database.context import SYSTEM_ACTOR, SessionContext, context_of
from chassis.database.sessions import written
from chassis.database.statements import Prepared, is_postgres
from chassis.ids import new_id
from chassis.messaging.envelope import Received
from chassis.messaging.errors import MessageRefused as MessageRefused
from contracts.base import IntegrationEvent

MAX_MESSAGE_BYTES = 256 * 1024
"""One message larger than the broker takes would block the ordered relay for ever, so it must not even be committed."""
MAX_AHEAD = timedelta(minutes=5)
"""How far in the future a message may claim to have happened: clocks differ, prophecies are bugs."""
_MANY = 16
"""From how many rows on one statement for all of them beats a list of parameters on PostgreSQL."""


@dataclass(slots=True)
class Outgoing:
    """A message to be written, with what the session's context does not know.

    `version` is the `aggregateversion`: lock or bump the aggregate first. `cause`: the message that brought this one
    about; it hands on its trace and whether it was backfill. `backfill`: None means as the cause, else as the session. `id` is new,
    except for a deed that is told again. `kept`: when it happened is kept already, and was judged by `not_ahead` when it came.
    """

    event: IntegrationEvent
    version: int
    occurred_at: datetime
    cause: Received[Any] | None = None
    backfill: bool | None = None
    id: UUID = field(default_factory=new_id)
    kept: bool = False


async def emit(
    session: AsyncSession,
    event: IntegrationEvent,
    *,
    version: int,
    occurred_at: datetime,
    cause: Received[Any] | None = None,
    backfill: bool | None = None,
) -> None:
    """Write one message to the outbox; see `Outgoing` for the arguments.

    Raises MessageRefused when it is over 256 KiB or says it happened more than 5 minutes from now.
    """
    await emit_many(session, [Outgoing(event, version, occurred_at, cause, backfill)])


def id_of(subject: UUID, version: int) -> UUID:
    """The id of a message that follows from what it tells of, so that it can be told again without being kept."""
    return uuid5(subject, f"told {version}")


async def tell(
    session: AsyncSession, kind: type[IntegrationEvent], row: SQLModel, now: datetime, *, again: bool = False
) -> None:
    """Publish a new or locked row as it is: the fields of the message are the row's, its subject the row's key.

    `again`: it can be told again from the row, under the same id (`id_of`).
    """
    if not isinstance(row, Publishing):
        raise TypeError(f"{type(row).__name__} is no table that publishes")
    (key,) = object_mapper(row).primary_key_from_instance(row)
    event = kind.model_validate(row.model_dump() | {kind.SUBJECT_FIELD: key})
    outgoing = Outgoing(event, row.bump(), now)
    if again:
        outgoing.id = id_of(key, outgoing.version)
    await emit_many(session, [outgoing])


async def emit_many(session: AsyncSession, messages: Sequence[Outgoing]) -> None:
    """Write messages to the outbox in their order, in one statement; refuses all where it refuses one."""
    if not messages:
        return
    context = context_of(session)
    outbox = context.tables.messaging.outbox
    many = len(messages) >= _MANY and is_postgres(session)

    # The bumped aggregates first: their row locks are what keeps each one's messages in the order of their versions.
    await written(session)
    # After waiting for those locks, so that the times grow with `seq`.
    recorded_at = _present(context)
    rows = [_row(message, context, recorded_at) for message in messages]
    if many:
        await insert_many(session, outbox, rows)
    elif len(rows) == 1:
        await _insert(outbox).run(session, **rows[0])
    else:
        await _insert(outbox).run_many(session, rows)
    context.emitted = True


def _row(message: Outgoing, context: SessionContext, recorded_at: datetime) -> dict[str, Any]:
    event, cause = message.event, message.cause
    payload, subject = event.to_json(), event.subject()
    if len(payload) > MAX_MESSAGE_BYTES // 4 and len(payload.encode()) > MAX_MESSAGE_BYTES:
        raise MessageRefused(f"{event.TYPE} of {subject} is over {MAX_MESSAGE_BYTES} bytes")
    if not message.kept:
        _not_ahead(context, message.occurred_at, recorded_at, event.TYPE, subject)
    backfill = message.backfill
    if backfill is None:
        backfill = cause.backfill if cause is not None else context.backfill
    trace = cause.traceparent if cause is not None else context.traceparent
    return {
        "id": message.id,
        "aggregatetype": event.AGGREGATE,
        "aggregateid": subject,
        "aggregateversion": message.version,
        "type": event.TYPE,
        "topic": event.TOPIC,
        "partitionkey": event.partition_key(),
        "payload": payload,
        "occurred_at": message.occurred_at,
        "recorded_at": recorded_at,
        "communityid": event.community(),
        "actorid": SYSTEM_ACTOR if event.UNNAMED else context.actor,
        "backfill": backfill,
        "traceparent": None if event.UNNAMED else trace,
    }


def not_ahead(session: AsyncSession, moment: datetime, what: str, of: object) -> None:
    """Judge when something new is said to have happened, before it is kept. Raises MessageRefused, as `emit` does."""
    context = context_of(session)
    _not_ahead(context, moment, _present(context), what, of)


def _present(context: SessionContext) -> datetime:
    """Not before the unit of work began: a clock may be set back under way, and who hears of what it does judges it by this."""
    now = system_clock()
    return now if context.began_at is None else max(now, context.began_at)


def _not_ahead(context: SessionContext, moment: datetime, present: datetime, what: str, of: object) -> None:
    # What follows from a message happened when that did, also where its sender's clock is ahead of ours.
    if moment > max(present, context.heard_at or present) + MAX_AHEAD:
        raise MessageRefused(f"{what} of {of} would happen at {moment.isoformat()}")


@lru_cache(maxsize=64)
def _insert(outbox: Table) -> Prepared[Any]:
    return Prepared(insert(outbox))
