"""Attendances told once more, for consumers that are new or lost messages (`qunxue republish events deeds`)."""

from collections.abc import AsyncIterator
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.messaging.outbox import Outgoing
from contracts.events import AttendanceRevoked
from services.events.activities.models import Activity
from services.events.attendances.models import Attendance
from services.events.attendances.service import message_of, who

_ROWS = 500


async def attendance_deeds(session: AsyncSession, since: datetime | None) -> AsyncIterator[Outgoing]:
    """Every attendance of a completed activity, or those told of from a moment on; in order of id, what was revoked after it."""
    after: UUID | None = None
    while True:
        found = select(Attendance, col(Activity.kind), col(Activity.hours), col(Activity.starts_at)).join(
            Activity, col(Activity.id) == col(Attendance.activity_id)
        )
        found = found.where(col(Attendance.told_at).is_not(None)).order_by(col(Attendance.id)).limit(_ROWS)
        if since is not None:
            found = found.where(col(Attendance.told_at) >= since)
        if after is not None:
            found = found.where(col(Attendance.id) > after)
        rows = (await session.execute(found)).all()
        for row, kind, hours, starts_at in rows:
            yield Outgoing(message_of(row, kind, hours, starts_at), 1, row.told_at, backfill=True, id=row.told_as)
            if row.revoked_at is not None:
                yield Outgoing(AttendanceRevoked(**who(row)), 2, row.revoked_at, backfill=True, id=row.revoked_as)
        if len(rows) < _ROWS:
            return
        after = rows[-1][0].id
        session.expunge_all()
