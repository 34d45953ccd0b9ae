"""Forgetting what nobody can use any more, every hour."""

from datetime import timedelta

from sqlalchemy import Table, or_
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import delete_some
from chassis.timers import Timer, Timers
from services.membership.credentials import rules
from services.membership.credentials.models import LoginFailures, OneTimeCode

timers = Timers()

_FAILURES: Table = LoginFailures.__table__  # type: ignore[attr-defined]
_CODES: Table = OneTimeCode.__table__  # type: ignore[attr-defined]


@timers.every(timedelta(hours=1), kind="credentials.sweep")
async def forget_old_codes(session: AsyncSession, timer: Timer) -> None:
    """Delete forgotten failures and old codes."""
    old = timer.now - rules.CODES_KEPT
    await delete_some(session, _FAILURES, _FAILURES.c.last_failed_at < timer.now - rules.FAILURES_FORGOTTEN)
    await delete_some(session, _CODES, or_(_CODES.c.used_at < old, _CODES.c.expires_at < old))
