"""Forgetting what nobody can use any more, every hour."""

from datetime import timedelta

from sqlalchemy import delete
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.timers import Timer, Timers
from services.membership.sessions import rules
from services.membership.sessions.models import LoginSession, Revocation

timers = Timers()


@timers.every(timedelta(hours=1), kind="sessions.sweep")
async def forget_old_sessions(session: AsyncSession, timer: Timer) -> None:
    """Delete families past their 90 days with their tokens, and revocations no token outlives."""
    now = timer.now
    for statement in (
        delete(LoginSession).where(col(LoginSession.started_at) < now - rules.ABSOLUTE - rules.IDLE),
        delete(Revocation).where(col(Revocation.at) < now - rules.REVOCATIONS_KEPT),
    ):
        await session.execute(statement)
