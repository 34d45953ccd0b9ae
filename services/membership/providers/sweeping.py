"""Forgetting what can come back no more, every hour."""

from datetime import timedelta

from sqlalchemy import Table
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import delete_some
from chassis.timers import Timer, Timers
from services.membership.providers import rules
from services.membership.providers.models import LoginCode, UsedState

timers = Timers()

_STATES: Table = UsedState.__table__  # type: ignore[attr-defined]
_CODES: Table = LoginCode.__table__  # type: ignore[attr-defined]


@timers.every(timedelta(hours=1), kind="providers.sweep")
async def forget_old_logins(session: AsyncSession, timer: Timer) -> None:
    """Delete states and codes that are too old to be taken anyway."""
    await delete_some(session, _STATES, _STATES.c.used_at < timer.now - rules.STATE_KEPT)
    await delete_some(session, _CODES, _CODES.c.expires_at < timer.now)
