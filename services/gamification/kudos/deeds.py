"""Kudos, and whether they count, told once more (`qunxue republish gamification deeds`)."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.walking import walk
from chassis.messaging.outbox import Outgoing, id_of
from contracts.gamification import KudosGiven, KudosRemoved, KudosRestored
from services.gamification.kudos.models import Kudos
from services.gamification.kudos.rules import status_of


async def kudos_deeds(session: AsyncSession, since: datetime | None) -> AsyncIterator[Outgoing]:
    """All kudos, or those that were given or removed from a moment on, in order of id; each with what became of it last."""
    statement = select(Kudos)
    if since is not None:
        statement = statement.where(func.coalesce(col(Kudos.removed_at), col(Kudos.given_at)) >= since)
    async for (row,) in walk(session, statement, col(Kudos.id)):
        yield _told(KudosGiven, row, 1, row.given_at)
        if row.messages_published > 1:
            counts = status_of(removed=row.removed_at is not None, held=row.held) == "given"
            kind = KudosRestored if counts else KudosRemoved
            yield _told(kind, row, row.messages_published, row.removed_at or row.given_at)


def _told(kind: Any, row: Kudos, version: int, at: datetime) -> Outgoing:
    event = kind.model_validate(row.model_dump() | {"kudos_id": row.id})
    return Outgoing(event, version, at, backfill=True, id=id_of(row.id, version))
