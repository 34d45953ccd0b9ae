"""When a survey without names has closed, what was rewritten goes from the database's files, too: as a job, and again until it is done."""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import exists, select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.wiping import wipe
from chassis.jobs import JobRun, Jobs, is_queued, start_job
from chassis.timers import Timer, Timers
from services.events.surveys.models import Survey, SurveyBallot, SurveyParticipation

WIPE: Final = "surveys.wipe"
AGAIN_AFTER: Final = timedelta(hours=1)
_BALLOTS: Final[Any] = SurveyBallot.__table__  # type: ignore[attr-defined]
_PARTS: Final[Any] = SurveyParticipation.__table__  # type: ignore[attr-defined]
_UNWIPED: Final = (
    col(Survey.anonymity) == "anonymous",
    col(Survey.status) == "closed",
    col(Survey.wiped_at).is_(None),
)

jobs = Jobs()
timers = Timers()


async def begin(session: AsyncSession, now: datetime) -> None:
    """Have it wiped, unless that is going to be done already."""
    if not await is_queued(session, WIPE):
        await start_job(session, WIPE, {}, caller=None, now=now)


@timers.every(AGAIN_AFTER, kind="surveys.wipe_again")
async def wipe_again(session: AsyncSession, timer: Timer) -> None:
    """Have wiped what a job did not get to."""
    if (await session.execute(select(exists().where(*_UNWIPED)))).scalar_one():
        await begin(session, timer.now)


@jobs.kind(WIPE)
async def wipe_rewritten(run: JobRun) -> None:
    """Wipe what surveys left that had closed by now."""
    async with run.runtime.database.reading(primary=True) as session:
        closed = (await session.execute(select(col(Survey.id)).where(*_UNWIPED))).scalars().all()
    if not closed:
        return
    await wipe(run.runtime.database, [_BALLOTS], vacuumed=[_PARTS])
    async with run.step() as session:
        done = update(Survey).where(col(Survey.id).in_(closed)).values(wiped_at=run.runtime.clock())
        await session.execute(done.execution_options(synchronize_session=False))
