"""What the clock does: the report of each week, and reports that are old or were never finished."""

from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Table, and_, delete, exists, insert, or_, select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import delete_some
from chassis.database.context import context_of
from chassis.days import day_began_at
from chassis.ids import new_id
from chassis.jobs import UNDER_WAY, start_job
from chassis.timers import Timer, Timers
from services.analytics.base import known
from services.analytics.reports.exports.service import KEPT as EXPORTS_KEPT
from services.analytics.reports.making import MAKE, WEEKLY
from services.analytics.reports.models import ExportFile, Report, ReportFile
from services.analytics.reports.rules import WEEK, week_due, weekly_slot

KEPT: Final = timedelta(days=730)
GIVEN_UP: Final = timedelta(days=1)
AT_ONCE: Final = 200
_communities, _members = known.communities.c, known.members.c
_EXPORTS: Table = ExportFile.__table__  # type: ignore[attr-defined]

timers = Timers()


@timers.every(timedelta(minutes=15), kind="reports.weekly")
async def begin_weekly(session: AsyncSession, timer: Timer) -> None:
    """Have the report made of each week that has ended, once for each community that is open and had members then.

    A worker that was off makes up for the latest week, not for those before: their figures are there without a report.
    """
    rows = []
    for monday, calendars in (await _due(session, timer.now)).items():
        rows += await _without_report(session, monday, calendars, timer.now)
    if rows:
        await session.execute(insert(Report), rows)
    if await _some_wait(session):
        await start_job(session, WEEKLY, {}, caller=None, now=timer.now)


@timers.every(timedelta(hours=1), kind="reports.sweep")
async def sweep(session: AsyncSession, timer: Timer) -> None:
    """Give up what is not made after a day, or has no job any more that would make it.

    Forget what was made two years ago, and files of exports after a week.
    """
    jobs = context_of(session).tables.chassis.jobs
    at_work = exists().where(
        jobs.c.kind == MAKE, jobs.c.community_id == col(Report.community_id), jobs.c.state.in_(UNDER_WAY)
    )
    late = or_(col(Report.created_at) < timer.now - GIVEN_UP, and_(col(Report.kind) == "asked", ~at_work))
    given_up = {"status": "failed", "failure": "given_up", "slot": None, "finished_at": timer.now}
    await session.execute(update(Report).where(col(Report.status) == "making", late).values(given_up))
    await delete_some(session, _EXPORTS, _EXPORTS.c.created_at < timer.now - EXPORTS_KEPT)
    old = select(col(Report.id)).where(col(Report.created_at) < timer.now - KEPT).order_by(col(Report.created_at))
    ids = (await session.scalars(old.limit(AT_ONCE))).all()
    if ids:
        await session.execute(delete(ReportFile).where(col(ReportFile.report_id).in_(ids)))
        await session.execute(delete(Report).where(col(Report.id).in_(ids)))


async def _due(session: AsyncSession, now: datetime) -> dict[date, list[Any]]:
    """The weeks that are due, each with the calendars of which it is the latest: never more than two weeks."""
    calendars = select(_communities.time_zone, _communities.day_starts_at).where(_communities.status == "open")
    found: dict[date, list[Any]] = {}
    for time_zone, starts in (await session.execute(calendars.distinct())).all():
        found.setdefault(week_due(now, time_zone=time_zone, day_starts_at=starts), []).append((time_zone, starts))
    return found


async def _without_report(
    session: AsyncSession, monday: date, calendars: list[Any], now: datetime
) -> list[dict[str, Any]]:
    """Rows for the communities with these calendars that have no report of the week."""
    slot = weekly_slot(monday)
    ended = max(day_began_at(monday + WEEK, time_zone=zone, day_starts_at=starts) for zone, starts in calendars)
    made = exists().where(col(Report.community_id) == _communities.id, col(Report.slot) == slot)
    was_there = exists().where(_members.community_id == _communities.id, _members.joined_at < ended)
    of_these = or_(
        *(and_(_communities.time_zone == zone, _communities.day_starts_at == starts) for zone, starts in calendars)
    )
    missing = select(_communities.id).where(_communities.status == "open", of_these, was_there, ~made)
    ids = (await session.scalars(missing.order_by(_communities.id).limit(AT_ONCE))).all()
    return [
        {
            "id": new_id(),
            "community_id": community_id,
            "kind": "weekly",
            "slot": slot,
            "starts_on": monday,
            "ends_on": monday + WEEK - timedelta(days=1),
            "compared_from": monday - WEEK,
            "compared_to": monday - timedelta(days=1),
            "status": "making",
            "created_at": now,
        }
        for community_id in ids
    ]


async def _some_wait(session: AsyncSession) -> bool:
    """Whether weekly reports wait that no job is making."""
    jobs = context_of(session).tables.chassis.jobs
    at_work = exists().where(jobs.c.kind == WEEKLY, jobs.c.state.in_(UNDER_WAY))
    waits = exists().where(col(Report.kind) == "weekly", col(Report.status) == "making")
    return bool(await session.scalar(select(and_(waits, ~at_work))))
