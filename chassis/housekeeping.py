"""What grows and must not: keys, inbox rows and audit entries past the time they are kept."""

from datetime import timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis import audit
from chassis.database.bulk import delete_some
from chassis.database.context import context_of
from chassis.messaging.inbox import forget_old
from chassis.timers import Timer, Timers
from chassis.web.idempotency import KEPT_HOURS

JOBS_KEPT = timedelta(days=90)

housekeeping = Timers()


@housekeeping.every(timedelta(hours=1), kind="chassis.housekeeping")
async def forget(session: AsyncSession, timer: Timer) -> None:
    """Delete what has been kept long enough, a bounded number of rows at a time; the rest waits for the next hour."""
    tables = context_of(session).tables
    keys, entries, jobs = tables.chassis.idempotency_keys, tables.chassis.audit_entries, tables.chassis.jobs
    await delete_some(session, keys, keys.c.created_at < timer.now - timedelta(hours=KEPT_HOURS))
    await forget_old(session, timer.now)
    await delete_some(session, entries, entries.c.at < timer.now - audit.KEPT)
    await delete_some(session, jobs, jobs.c.finished_at < timer.now - JOBS_KEPT)
