"""Forgetting apps that nobody finished setting up, every hour."""

from datetime import timedelta

from sqlalchemy import Table
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import delete_some
from chassis.timers import Timer, Timers
from services.membership.second_factors import rules
from services.membership.second_factors.models import SecondFactor

timers = Timers()

_FACTORS: Table = SecondFactor.__table__  # type: ignore[attr-defined]


@timers.every(timedelta(hours=1), kind="second_factors.sweep")
async def forget_unfinished_factors(session: AsyncSession, timer: Timer) -> None:
    """Delete what was set up an hour ago and not confirmed."""
    stale = _FACTORS.c.confirmed_at.is_(None) & (_FACTORS.c.created_at <= timer.now - rules.PENDING)
    await delete_some(session, _FACTORS, stale)
