"""Kudos, and whether they count, told once more (`qunxue republish gamification deeds`)."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid5

from sqlalchemy import func, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.messaging.outbox import Outgoing
from contracts.gamification import KudosGiven, KudosRemoved, KudosRestored
from services.gamification.kudos.models import Kudos
from services.gamification.kudos.rules import status_of

_ROWS: Final = 500


async def kudos_deeds(session: AsyncSession, since: datetime | None) -> AsyncIterator[Outgoing]:
    """All kudos, or those that were given or removed from a moment on, in order of id; each with what became of it last."""
    after: UUID | None = None
    moment = func.coalesce(col(Kudos.removed_at), col(Kudos.given_at))
    while True:
        statement = select(Kudos).order_by(col(Kudos.id)).limit(_ROWS)
        if since is not None:
            statement = statement.where(moment >= since)
        if after is not None:
            statement = statement.where(col(Kudos.id) > after)
        rows = (await session.execute(statement)).scalars().all()
        for row in rows:
            yield _told(KudosGiven, row, 1, row.given_at)
            if row.messages_published > 1:
                counts = status_of(removed=row.removed_at is not None, held=row.held) == "given"
                kind = KudosRestored if counts else KudosRemoved
                yield _told(kind, row, row.messages_published, row.removed_at or row.given_at)
        if len(rows) < _ROWS:
            return
        after = rows[-1].id
        session.expunge_all()


def _told(kind: Any, row: Kudos, version: int, at: datetime) -> Outgoing:
    event = kind.model_validate(row.model_dump() | {"kudos_id": row.id})
    return Outgoing(event, version, at, backfill=True, id=uuid5(row.id, f"told {version}"))
