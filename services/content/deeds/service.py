"""Telling what members did, and keeping how it was told."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import orjson
from sqlalchemy import Table, select, tuple_
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import upsert_many
from chassis.database.statements import Prepared, bindparam
from chassis.messaging.outbox import Outgoing, emit_many
from contracts.base import event_types
from services.content.deeds.models import Deed

_DEEDS: Table = Deed.__table__  # type: ignore[attr-defined]
_ROWS = 500

Aspect = Literal[
    "made", "shown", "helped", "accepted", "revised", "archived", "featured", "featured again", "decided", "merged"
]
"""Of what a message tells; a later one of the same aspect says all that one has to know. Of an answer the first acceptance (`helped`) stays
beside the latest change: it is the one that was paid;
so does the first featuring."""


async def tell_deeds(session: AsyncSession, aspect: Aspect, messages: Sequence[Outgoing]) -> None:
    """Publish what members did, and keep each message for whoever has to hear of it again."""
    await tell_in_order(session, [(aspect, message) for message in messages])


async def tell_in_order(session: AsyncSession, messages: Sequence[tuple[Aspect | None, Outgoing]]) -> None:
    """The same of different aspects, in this order; a message without an aspect is not kept."""
    if not messages:
        return
    await emit_many(session, [message for _, message in messages])
    # Of one aspect of a subject the last.
    kept = {(message.event.subject(), aspect): message for aspect, message in messages if aspect is not None}
    rows = [
        {
            "subject_id": UUID(subject),
            "aspect": aspect,
            "message_id": message.id,
            "version": message.version,
            "type": message.event.TYPE,
            "data": orjson.loads(message.event.to_json()),
            "told_at": message.occurred_at,
        }
        for (subject, aspect), message in kept.items()
    ]
    changing = ["message_id", "version", "type", "data", "told_at"]
    await upsert_many(session, _DEEDS, rows, key=["subject_id", "aspect"], update=changing)


_ACCEPTANCES: Prepared[Deed] = Prepared(
    select(Deed)
    .where(col(Deed.subject_id) == bindparam("answer_id"), col(Deed.aspect).in_(("helped", "accepted")))
    .order_by(col(Deed.version).desc())
)


async def acceptances(session: AsyncSession, answer_id: UUID) -> Sequence[Deed]:
    """What was told of an answer that was accepted, or no longer: the last, and the first if that was another."""
    return await _ACCEPTANCES.all(session, answer_id=answer_id)


async def was_told(session: AsyncSession, subject_id: UUID, aspect: Aspect) -> bool:
    """Whether something was told of this aspect before; what is told of the subject is locked."""
    return await session.get(Deed, (subject_id, aspect)) is not None


async def deeds(session: AsyncSession, since: datetime | None) -> AsyncIterator[Outgoing]:
    """Every deed, or those of a moment on."""
    after: tuple[UUID, str] | None = None
    place = (col(Deed.subject_id), col(Deed.aspect))
    while True:
        statement = select(Deed).order_by(*place).limit(_ROWS)
        if since is not None:
            statement = statement.where(col(Deed.told_at) >= since)
        if after is not None:
            statement = statement.where(tuple_(*place) > after)
        rows = (await session.execute(statement)).scalars().all()
        for row in rows:
            event = event_types()[row.type].model_validate(row.data)
            yield Outgoing(event, row.version, row.told_at, backfill=True, id=row.message_id)
        if len(rows) < _ROWS:
            return
        after = (rows[-1].subject_id, rows[-1].aspect)
        session.expunge_all()
