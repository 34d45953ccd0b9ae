"""What grows and must not: keys, inbox rows and audit entries past the time they are kept."""

from collections.abc import Iterable
from datetime import timedelta

from fastapi import APIRouter
from sqlalchemy import and_
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis import audit
from chassis.database.bulk import delete_some
from chassis.database.context import context_of
from chassis.messaging.inbox import forget_old
from chassis.timers import Timer, Timers
from chassis.web.idempotency import KEPT
from chassis.web.operations import OperationRoute

JOBS_KEPT = timedelta(days=90)

housekeeping = Timers()


@housekeeping.every(timedelta(hours=1), kind="chassis.housekeeping")
async def forget(session: AsyncSession, timer: Timer) -> None:
    """Delete what has been kept long enough, a bounded number of rows at a time; the rest waits for the next hour."""
    tables = context_of(session).tables
    keys, entries, jobs = tables.chassis.idempotency_keys, tables.chassis.audit_entries, tables.chassis.jobs
    longer = _kept_longer(context_of(session).runtime.service.routers)
    of_a_day = keys.c.operation.not_in(list(longer))
    await delete_some(session, keys, and_(keys.c.created_at < timer.now - KEPT, of_a_day))
    for kept in set(longer.values()):
        those = keys.c.operation.in_([name for name, one in longer.items() if one == kept])
        await delete_some(session, keys, and_(keys.c.created_at < timer.now - kept, those))
    await forget_old(session, timer.now)
    await delete_some(session, entries, entries.c.at < timer.now - audit.KEPT)
    await delete_some(session, jobs, jobs.c.finished_at < timer.now - JOBS_KEPT)


def _kept_longer(routers: Iterable[APIRouter]) -> dict[str, timedelta]:
    """The operations whose keys are kept longer than those of others, and how long."""
    routes = [route for router in routers for route in router.routes if isinstance(route, OperationRoute)]
    return {one.operation_id: one.operation.remembered for one in routes if one.operation.remembered > KEPT}  # type: ignore[misc]  # every operation has one
