"""Restating the work calendar for consumers that are new or lost what they knew (`qunxue republish`)."""

from collections.abc import AsyncIterator
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.messaging.outbox import Outgoing
from contracts.membership import WorkCalendarSnapshot
from services.membership.work_calendars.models import WorkCalendarVersion
from services.membership.work_calendars.queries import imported


def state_of(row: WorkCalendarVersion) -> dict[str, Any]:
    """What messages tell of a year."""
    return {"country": row.country, "year": row.year, "known_until": row.known_until, "days": tuple(row.days)}


async def work_calendar_snapshots(session: AsyncSession) -> AsyncIterator[Outgoing]:
    """Every year that was imported, with the present version; what the release knows, every service knows."""
    for row in await imported(session):
        yield Outgoing(WorkCalendarSnapshot(**state_of(row)), row.version, row.imported_at)
