"""Ending what has lapsed, also where no channel is set, and forgetting what ended long ago, every hour."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Table, delete
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import delete_some
from chassis.timers import Timer, Timers
from services.membership.deliveries import rules
from services.membership.deliveries.models import AddressRefusal, Delivery
from services.membership.deliveries.sending import lapse

timers = Timers()

_DELIVERIES: Table = Delivery.__table__  # type: ignore[attr-defined]


@timers.every(timedelta(hours=1), kind="deliveries.sweep")
async def sweep(session: AsyncSession, timer: Timer) -> None:
    """A code that nobody was sent is kept no longer than it is good."""
    await lapse(session, timer.now)
    await delete_some(session, _DELIVERIES, _DELIVERIES.c.ended_at < timer.now - rules.ENDED_KEPT)


async def erase(session: AsyncSession, person_id: UUID, _now: datetime) -> None:
    """What was sent to somebody, and what waits for them."""
    await session.execute(delete(Delivery).where(col(Delivery.person_id) == person_id))
    await session.execute(delete(AddressRefusal).where(col(AddressRefusal.person_id) == person_id))
