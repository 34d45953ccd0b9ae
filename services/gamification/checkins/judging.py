"""Judging streaks again, when the work calendar of days is known that the plain week decided before.

A streak says since when it rests on such days (`Streak.provisional_from`). As long as it does, its member is still to be judged again:
by the job, which needs to remember nothing else, or first of all when they check in.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.chunks import Chunks
from chassis.database.context import moment_of
from chassis.jobs import JobRun, Jobs, is_queued, start_job
from chassis.messaging.handlers import Handlers, Received
from chassis.projections.workdays import work_calendar
from chassis.timers import Timer, Timers
from chassis.work_calendar import WorkCalendar
from contracts.membership import WORK_CALENDAR_STATES
from services.gamification.checkins.acceptance import accept, hold
from services.gamification.checkins.models import Streak

JUDGE_AGAIN = "checkins.judge_again"
FIRST_CHUNK, MOST_MEMBERS = 8, 200

handlers, jobs, timers = Handlers(), Jobs(), Timers()


@handlers.on(*WORK_CALENDAR_STATES)
async def learn_workdays(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """Streaks that rest on the plain week are judged by what is known now, some at a time."""
    await _start_where_needed(session, moment_of(session))


@timers.every(timedelta(hours=1), kind="checkins.judge")
async def judge(session: AsyncSession, timer: Timer) -> None:
    """A release, too, may bring a year that was not known."""
    await _start_where_needed(session, timer.now)


async def _start_where_needed(session: AsyncSession, now: datetime) -> None:
    awaits = _awaits(await work_calendar(session))
    if (await session.execute(select(col(Streak.member_id)).where(awaits).limit(1))).first() is None:
        return
    if not await is_queued(session, JUDGE_AGAIN):
        total = (await session.execute(select(func.count()).select_from(Streak).where(awaits))).scalar_one()
        await start_job(session, JUDGE_AGAIN, {}, caller=None, now=now, total=total)


@jobs.kind(JUDGE_AGAIN)
async def judge_again(job: JobRun) -> None:
    """Fold again whoever's streak rests on days that are known by now, in chunks short enough for others to write meanwhile."""
    chunks, last = Chunks(FIRST_CHUNK, MOST_MEMBERS), UUID(int=0)
    while True:
        with chunks.timed() as size:
            async with job.step() as session:
                members = await _chunk(session, last, size)
                if members:
                    await hold(session, members)
                    await accept(session, [], again=members, now=job.runtime.clock())
                    job.advance(done=len(members))
        if not members:
            return
        last = max(members)


async def _chunk(session: AsyncSession, after: UUID, size: int) -> dict[UUID, UUID]:
    """The next members, with their communities."""
    awaiting = select(col(Streak.member_id), col(Streak.community_id)).where(
        _awaits(await work_calendar(session)), col(Streak.member_id) > after
    )
    rows = await session.execute(awaiting.order_by(col(Streak.member_id)).limit(size))
    return {row.member_id: row.community_id for row in rows}


def _awaits(calendar: WorkCalendar) -> ColumnElement[bool]:
    known = [
        col(Streak.provisional_from).between(date(year, 1, 1), told.known_until)
        for year, told in calendar.years.items()
    ]
    return or_(*known)
