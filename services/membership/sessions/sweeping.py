"""Forgetting what nobody can use any more, every hour."""

from datetime import timedelta

from sqlalchemy import Table
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import delete_some
from chassis.timers import Timer, Timers
from services.membership.sessions import rules
from services.membership.sessions.models import LoginSession, Revocation

timers = Timers()

_SESSIONS: Table = LoginSession.__table__  # type: ignore[attr-defined]
_REVOCATIONS: Table = Revocation.__table__  # type: ignore[attr-defined]


@timers.every(timedelta(hours=1), kind="sessions.sweep")
async def forget_old_sessions(session: AsyncSession, timer: Timer) -> None:
    """Delete families past their 90 days with their tokens, and revocations no token outlives."""
    now = timer.now
    await delete_some(session, _SESSIONS, _SESSIONS.c.started_at < now - rules.ABSOLUTE - rules.IDLE)
    await delete_some(session, _REVOCATIONS, _REVOCATIONS.c.at < now - rules.REVOCATIONS_KEPT)
