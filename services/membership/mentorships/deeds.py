"""Mentorships told once more (`qunxue republish membership deeds`)."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.walking import walk
from chassis.messaging.outbox import Outgoing, id_of
from contracts.belonging import MentorshipCompleted, MentorshipEnded, MentorshipStarted
from services.membership.mentorships.models import Mentorship


async def mentorship_deeds(session: AsyncSession, since: datetime | None) -> AsyncIterator[Outgoing]:
    """Those that ever began, or began or ended from a moment on, in order of id; each with what became of it last."""
    statement = select(Mentorship).where(col(Mentorship.messages_published) > 0)
    if since is not None:
        moved_at = func.coalesce(col(Mentorship.closed_at), col(Mentorship.started_at))
        statement = statement.where(moved_at >= since)
    async for (row,) in walk(session, statement, col(Mentorship.id)):
        if row.started_at is None:
            continue
        yield _told(MentorshipStarted, row, 1, row.started_at)
        if row.closed_at is not None:
            kind = MentorshipCompleted if row.status == "completed" else MentorshipEnded
            yield _told(kind, row, row.messages_published, row.closed_at)


def _told(kind: Any, row: Mentorship, version: int, at: datetime) -> Outgoing:
    event = kind.model_validate(row.model_dump() | {"mentorship_id": row.id})
    return Outgoing(event, version, at, backfill=True, id=id_of(row.id, version))
