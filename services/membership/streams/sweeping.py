"""Forgetting tickets that nobody used, every hour."""

from datetime import timedelta

from sqlalchemy import Table
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import delete_some
from chassis.timers import Timer, Timers
from services.membership.streams.models import StreamTicket

timers = Timers()

_TICKETS: Table = StreamTicket.__table__  # type: ignore[attr-defined]


@timers.every(timedelta(hours=1), kind="streams.sweep")
async def forget_old_tickets(session: AsyncSession, timer: Timer) -> None:
    """Delete tickets that have expired."""
    await delete_some(session, _TICKETS, _TICKETS.c.expires_at < timer.now)
