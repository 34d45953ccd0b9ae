"""Check-ins told once more, for consumers that are new or lost messages (`qunxue republish gamification deeds`)."""

from collections.abc import AsyncIterator
from datetime import datetime
from uuid import uuid5

from sqlalchemy import func, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.walking import walk
from chassis.messaging.outbox import Outgoing
from services.gamification.checkins.models import Checkin
from services.gamification.checkins.writing import event_of


async def checkin_deeds(session: AsyncSession, since: datetime | None) -> AsyncIterator[Outgoing]:
    """Every check-in, or those that were told to have happened from a moment on, in order of id."""
    statement = select(Checkin)
    if since is not None:
        statement = statement.where(func.coalesce(col(Checkin.told_at), col(Checkin.occurred_at)) >= since)
    async for (row,) in walk(session, statement, col(Checkin.id)):
        yield Outgoing(
            event_of(row),
            version=1,
            occurred_at=row.told_at or row.occurred_at,
            backfill=True,
            # The same each time, also of those that did not keep it.
            id=row.message_id or uuid5(row.id, "told"),
        )
