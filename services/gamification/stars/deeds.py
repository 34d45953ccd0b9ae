"""Stars of months told once more (`qunxue republish gamification deeds`)."""

from collections.abc import AsyncIterator
from datetime import datetime

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.walking import walk
from chassis.messaging.outbox import Outgoing, id_of
from contracts.gamification import StarConfirmed
from services.gamification.stars.models import Star


async def star_deeds(session: AsyncSession, since: datetime | None) -> AsyncIterator[Outgoing]:
    """Every star that an owner confirmed, or those from a moment on, in order of id."""
    statement = select(Star).where(col(Star.winner_id).is_not(None))
    if since is not None:
        statement = statement.where(col(Star.decided_at) >= since)
    async for (row,) in walk(session, statement, col(Star.id)):
        event = StarConfirmed.model_validate(row.model_dump() | {"star_id": row.id})
        at = row.decided_at
        assert at is not None  # noqa: S101 - the table checks that who won was decided
        yield Outgoing(event, row.messages_published, at, backfill=True, id=id_of(row.id, row.messages_published))
