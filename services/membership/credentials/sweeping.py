"""Forgetting what nobody can use any more, every hour."""

from datetime import timedelta

from sqlalchemy import delete, or_
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.timers import Timer, Timers
from services.membership.credentials import rules
from services.membership.credentials.models import LoginFailures, OneTimeCode

timers = Timers()


@timers.every(timedelta(hours=1), kind="credentials.sweep")
async def forget_old_codes(session: AsyncSession, timer: Timer) -> None:
    """Delete forgotten failures and old codes."""
    old = timer.now - rules.CODES_KEPT
    for statement in (
        delete(LoginFailures).where(col(LoginFailures.last_failed_at) < timer.now - rules.FAILURES_FORGOTTEN),
        delete(OneTimeCode).where(or_(col(OneTimeCode.used_at) < old, col(OneTimeCode.expires_at) < old)),
    ):
        await session.execute(statement)
