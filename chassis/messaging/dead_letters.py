"""Messages put aside because a handler could not take them, or nobody could read them."""

import base64
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, update
from sqlalchemy.exc import DBAPIError
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.context import context_of
from chassis.database.engine import Database
from chassis.database.statements import insert_or_ignore, is_postgres
from chassis.ids import new_id
from chassis.messaging import metrics
from chassis.messaging.codec import decode_envelope, receive, type_of
from chassis.messaging.envelope import Delivery, Received
from chassis.messaging.errors import HANDLER_FAILED, REFUSED, Refused, UndecodableError
from chassis.messaging.handlers import Handler, Handlers
from chassis.messaging.inbox import claim

_DETAIL_LENGTH = 500


@dataclass(frozen=True, slots=True)
class PutAside:
    """A delivery and why it was put aside; `handler` is empty where it could not be decoded for any."""

    delivery: Delivery
    handler: str
    reason: str
    detail: str
    attempts: int


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One dead letter, the bytes as they came."""

    id: UUID
    consumer: str
    handler: str
    type: str | None
    message_id: str | None
    source: str | None
    reason: str
    detail: str
    attempts: int
    failed_at: datetime
    replayed_at: datetime | None
    delivery: Delivery


class ReplayFailedError(Exception):
    """The message cannot be applied yet; its dead letter stays."""


def undecodable(delivery: Delivery, error: UndecodableError) -> PutAside:
    """What to write for a message that no retry can help."""
    return PutAside(delivery, "", error.reason, _clean(str(error)), attempts=1)


def failed(delivery: Delivery, handler: Handler, error: BaseException, attempts: int) -> PutAside:
    """What to write for a message that its handler could not take."""
    if isinstance(error, Refused):
        return PutAside(delivery, handler.name, REFUSED, _clean(str(error)), attempts)
    return PutAside(delivery, handler.name, HANDLER_FAILED, describe(error), attempts)


def describe(error: BaseException) -> str:
    """An error without the values it speaks of: a database's message names columns in its first line, values after it."""
    inner = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    return _clean(f"{type(error).__name__}: {str(inner).partition(chr(10))[0]}")


def _clean(text: str) -> str:
    return text.replace("\x00", "\ufffd")[:_DETAIL_LENGTH]


async def put_aside(session: AsyncSession, consumer: str, letters: Sequence[PutAside], now: datetime) -> None:
    """Write dead letters; one that is there already, after a crash, is not written again."""
    if not letters:
        return
    table = context_of(session).tables.messaging.dead_letters
    rows = [_row(consumer, letter, now) for letter in letters]
    await (await session.connection()).execute(insert_or_ignore(session, table), rows)


def count(consumer: str, letters: Sequence[PutAside]) -> None:
    """Show in the metrics what was committed."""
    for letter in letters:
        metrics.DEAD_LETTERS.labels(consumer, letter.handler, letter.reason).inc()
        if letter.reason == "wrong_source":
            metrics.WRONG_SOURCE.labels(consumer, letter.delivery.topic).inc()


def _row(consumer: str, letter: PutAside, now: datetime) -> dict[str, Any]:
    delivery = letter.delivery
    headers = dict(delivery.headers)

    def attribute(name: str) -> str | None:
        value = headers.get(name)
        return None if value is None else value.decode("utf-8", "replace").replace("\x00", "\ufffd")[:255]

    return {
        "id": new_id(),
        "consumer": consumer,
        "handler": letter.handler,
        "topic": delivery.topic,
        "partition": delivery.partition,
        "offset": delivery.offset,
        "message_id": attribute("ce_id"),
        "type": attribute("ce_type"),
        "source": attribute("ce_source"),
        "key": delivery.key,
        "headers": [
            [name.replace("\x00", "\ufffd"), base64.b64encode(value or b"").decode()]
            for name, value in delivery.headers
        ],
        "payload": delivery.value,
        "reason": letter.reason,
        "detail": letter.detail,
        "attempts": letter.attempts,
        "failed_at": now,
        "replayed_at": None,
    }


def _letter(row: Row[Any]) -> DeadLetter:
    headers = tuple((name, base64.b64decode(value)) for name, value in row.headers)
    return DeadLetter(
        id=row.id,
        consumer=row.consumer,
        handler=row.handler,
        type=row.type,
        message_id=row.message_id,
        source=row.source,
        reason=row.reason,
        detail=row.detail,
        attempts=row.attempts,
        failed_at=row.failed_at,
        replayed_at=row.replayed_at,
        delivery=Delivery(row.topic, row.partition, row.offset, row.key, row.payload, headers),
    )


async def list_dead_letters(
    session: AsyncSession,
    *,
    handler: str | None = None,
    type_name: str | None = None,
    replayed: bool = False,
    after: UUID | None = None,
    limit: int = 100,
) -> list[DeadLetter]:
    """Dead letters in the order they were put aside; those already replayed only when asked for."""
    table = context_of(session).tables.messaging.dead_letters
    query = select(table).order_by(table.c.id).limit(limit)
    if not replayed:
        query = query.where(table.c.replayed_at.is_(None))
    if handler is not None:
        query = query.where(table.c.handler == handler)
    if type_name is not None:
        query = query.where(table.c.type == type_name)
    if after is not None:
        query = query.where(table.c.id > after)
    return [_letter(row) for row in await (await session.connection()).execute(query)]


async def show_dead_letter(session: AsyncSession, letter_id: UUID) -> DeadLetter | None:
    """One dead letter."""
    table = context_of(session).tables.messaging.dead_letters
    row = (await (await session.connection()).execute(select(table).where(table.c.id == letter_id))).first()
    return _letter(row) if row is not None else None


async def replay(
    database: Database,
    handlers: Handlers,
    letter_id: UUID,
    *,
    now: datetime,
    actor: str,
    audited: Callable[[AsyncSession, DeadLetter], Awaitable[None]] | None = None,
) -> DeadLetter | None:
    """Run the letter's handler on the message as it was, under its own id, and close the letter; None if there is none.

    A letter that could not be decoded is decoded again and given to every handler of its type that has not had it.
    `audited` writes the audit entry in the same transaction. Raises ReplayFailedError; then nothing has changed.
    """
    async with database.transaction(actor=actor) as session:
        table = context_of(session).tables.messaging.dead_letters
        query = select(table).where(table.c.id == letter_id)
        if is_postgres(session):
            query = query.with_for_update()
        connection = await session.connection()
        row = (await connection.execute(query)).first()
        if row is None:
            return None
        letter = _letter(row)
        if letter.replayed_at is not None:
            raise ReplayFailedError(f"it was replayed at {letter.replayed_at.isoformat()}")
        received, wanted = _decode_again(handlers, letter)
        # A failed handler's inbox row was written with the letter, so that a second copy in the log is not tried again;
        # here the letter itself says that the effect is missing.
        if not letter.handler:
            fresh = await claim(session, [(received.id, handler.name) for handler in wanted], now)
            wanted = [handler for handler in wanted if (received.id, handler.name) in fresh]
        for handler in wanted:
            try:
                await handler.function([received], session)
                await session.flush()
            except Refused as error:
                raise ReplayFailedError(str(error)) from error
            except Exception as error:
                raise ReplayFailedError(f"{handler.name}: {describe(error)}") from error
        await connection.execute(update(table).where(table.c.id == letter_id).values(replayed_at=now))
        if audited is not None:
            await audited(session, letter)
    return letter


def _decode_again(handlers: Handlers, letter: DeadLetter) -> tuple[Received[Any], list[Handler]]:
    try:
        type_of(letter.delivery)
        message = decode_envelope(letter.delivery)
        route = handlers.routes.get(message.type)
        if route is None:
            raise ReplayFailedError(f"nobody handles {message.type}")
        received = receive(letter.delivery, message, route.event_class)
    except UndecodableError as error:
        raise ReplayFailedError(f"{error.reason}: {error}") from error
    wanted = [handler for handler in route.handlers if letter.handler in ("", handler.name)]
    if not wanted:
        raise ReplayFailedError(f"there is no handler {letter.handler} of {message.type}")
    return received, wanted
