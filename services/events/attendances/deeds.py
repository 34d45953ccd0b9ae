"""Attendances told once more, for consumers that are new or lost messages (`qunxue republish events deeds`)."""

from collections.abc import AsyncIterator
from datetime import datetime

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.walking import walk
from chassis.messaging.outbox import Outgoing
from contracts.events import AttendanceRevoked
from services.events.activities.models import Activity
from services.events.attendances.models import Attendance
from services.events.attendances.service import message_of, who


async def attendance_deeds(session: AsyncSession, since: datetime | None) -> AsyncIterator[Outgoing]:
    """Every attendance of a completed activity, or those told of from a moment on; in order of id, what was revoked after it."""
    found = select(Attendance, col(Activity.kind), col(Activity.hours), col(Activity.starts_at)).join(
        Activity, col(Activity.id) == col(Attendance.activity_id)
    )
    found = found.where(col(Attendance.told_at).is_not(None))
    if since is not None:
        found = found.where(col(Attendance.told_at) >= since)
    async for row, kind, hours, starts_at in walk(session, found, col(Attendance.id)):
        yield Outgoing(message_of(row, kind, hours, starts_at), 1, row.told_at, backfill=True, id=row.told_as)
        if row.revoked_at is not None:
            yield Outgoing(AttendanceRevoked(**who(row)), 2, row.revoked_at, backfill=True, id=row.revoked_as)
