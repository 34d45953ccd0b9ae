"""What was done, and how it was told: kept, so that whoever is new or has lost messages hears of it as it was told.

A service that keeps deeds has a table of them, and says what is told of in aspects of its own:

    class Deed(DeedColumns, Base, table=True):
        __tablename__ = "deeds"

    deeds: ToldDeeds[Aspect] = ToldDeeds(Deed)

Its use cases tell by `deeds.tell` what they would else tell by `emit`, and a feature lists `deeds.again` for `qunxue republish SERVICE deeds`.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

import orjson
from sqlalchemy import Table, select
from sqlmodel import Field, SQLModel, col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.base import JsonDocument
from chassis.database.bulk import upsert_many
from chassis.database.walking import walk
from chassis.messaging.outbox import Outgoing, emit_many
from contracts.base import event_types

Aspect = TypeVar("Aspect", bound=str)


class DeedColumns(SQLModel):
    """The latest message of one aspect of a thing: that it was made, removed or restored, accepted or not.

    A message is told again as it was, although the thing has another title or text since.
    """

    subject_id: UUID = Field(primary_key=True)
    aspect: str = Field(max_length=16, primary_key=True)
    message_id: UUID
    version: int
    type: str = Field(max_length=100)
    data: dict[str, Any] = Field(sa_type=JsonDocument, nullable=False)
    told_at: datetime = Field(index=True)
    """The time of the message: when it happened."""


class ToldDeeds(Generic[Aspect]):
    """The deeds of one service. Of each aspect of a thing the last message is kept: it says all that one has to know."""

    def __init__(self, table: type[DeedColumns], *, kept: Callable[[dict[str, Any]], dict[str, Any]] = dict) -> None:
        """`kept` leaves out of a message's data what must not be kept for as long as deeds are."""
        self._row = table
        self._kept = kept
        self._table: Table = table.__table__  # type: ignore[attr-defined]

    async def tell(self, session: AsyncSession, aspect: Aspect, messages: Sequence[Outgoing]) -> None:
        """Publish what was done, and keep each message for whoever has to hear of it again."""
        await self.tell_in_order(session, [(aspect, message) for message in messages])

    async def tell_in_order(self, session: AsyncSession, messages: Sequence[tuple[Aspect | None, Outgoing]]) -> None:
        """The same of different aspects, in this order; a message without an aspect is not kept."""
        await emit_many(session, [message for _, message in messages])
        await self._keep(session, messages)

    async def keep(
        self, session: AsyncSession, aspect: Callable[[Outgoing], Aspect], messages: Sequence[Outgoing]
    ) -> None:
        """Keep messages that somebody else publishes in the same transaction."""
        await self._keep(session, [(aspect(message), message) for message in messages])

    async def _keep(self, session: AsyncSession, messages: Sequence[tuple[Aspect | None, Outgoing]]) -> None:
        # Of one aspect of a subject the last.
        kept = {(message.event.subject(), aspect): message for aspect, message in messages if aspect is not None}
        rows = [
            {
                "subject_id": UUID(subject),
                "aspect": aspect,
                "message_id": message.id,
                "version": message.version,
                "type": message.event.TYPE,
                "data": self._kept(orjson.loads(message.event.to_json())),
                "told_at": message.occurred_at,
            }
            for (subject, aspect), message in kept.items()
        ]
        if not rows:
            return
        changing = ["message_id", "version", "type", "data", "told_at"]
        await upsert_many(session, self._table, rows, key=["subject_id", "aspect"], update=changing)

    async def was_told(self, session: AsyncSession, subject_id: UUID, aspect: Aspect) -> bool:
        """Whether something was told of this aspect before; what is told of the subject is locked."""
        return await session.get(self._row, (subject_id, aspect)) is not None

    async def again(self, session: AsyncSession, since: datetime | None) -> AsyncIterator[Outgoing]:
        """Every deed as it was told, or those of a moment on."""
        statement = select(self._row)
        if since is not None:
            statement = statement.where(col(self._row.told_at) >= since)
        async for (row,) in walk(session, statement, col(self._row.subject_id), col(self._row.aspect)):
            event = event_types()[row.type].model_validate(row.data)
            yield Outgoing(event, row.version, row.told_at, backfill=True, id=row.message_id)
