"""What follows the days of voting: the votes are counted for good, and what could tell which was whose goes from the database's files.

Each vote is written beside who gave it, in one transaction. Until the end the database itself could tell by that whose it was, to whoever
reads its files. So the sums are written anew, all at once, and what lay there before is wiped: as a job, and again until it is done.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import exists, select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.rows import existing
from chassis.database.wiping import wipe
from chassis.jobs import JobRun, Jobs, is_queued, start_job
from chassis.timers import Late, Timer, Timers, schedule
from services.gamification.stars import queries
from services.gamification.stars.models import Star, StarCandidate, StarVoter

SETTLE: Final = "star.settle"
WIPE: Final = "stars.wipe"
AGAIN_AFTER: Final = timedelta(hours=1)
_STARS: Final[Any] = Star.__table__  # type: ignore[attr-defined]
_CANDIDATES: Final[Any] = StarCandidate.__table__  # type: ignore[attr-defined]
_VOTERS: Final[Any] = StarVoter.__table__  # type: ignore[attr-defined]
_UNWIPED: Final = (col(Star.settled_at).is_not(None), col(Star.wiped_at).is_(None))

jobs = Jobs()
timers = Timers()


async def settle_after(session: AsyncSession, star: Star) -> None:
    """Have the votes counted for good when the days of voting are over."""
    await schedule(session, SETTLE, star.id, await queries.ends_at(session, star))


@timers.on(SETTLE, late=Late.ENDING)
async def settle(session: AsyncSession, timer: Timer) -> None:
    """Count the votes for good. Where the community has another zone meanwhile, they may end later than they were to."""
    star = await existing(session, Star, timer.subject_id, lock=True)
    if star.settled_at is not None:
        return
    if await queries.ends_at(session, star) > timer.now:
        await settle_after(session, star)
        return
    anew = update(StarCandidate).where(col(StarCandidate.star_id) == star.id).values(votes=col(StarCandidate.votes))
    await session.execute(anew.execution_options(synchronize_session=False))
    star.settled_at = timer.at
    await session.flush()
    await _begin(session, timer.now)


async def _begin(session: AsyncSession, now: datetime) -> None:
    """Have it wiped, unless that is going to be done already."""
    if not await is_queued(session, WIPE):
        await start_job(session, WIPE, {}, caller=None, now=now)


@timers.every(AGAIN_AFTER, kind="stars.wipe_again")
async def wipe_again(session: AsyncSession, timer: Timer) -> None:
    """Have wiped what a job did not get to."""
    if (await session.execute(select(exists().where(*_UNWIPED)))).scalar_one():
        await _begin(session, timer.now)


@jobs.kind(WIPE)
async def wipe_votes(run: JobRun) -> None:
    """Wipe what votes left of which the days were over by now."""
    async with run.runtime.database.reading(primary=True) as session:
        settled = (await session.execute(select(col(Star.id)).where(*_UNWIPED))).scalars().all()
    if not settled:
        return
    await wipe(run.runtime.database, [_CANDIDATES], vacuumed=[_VOTERS, _STARS])
    async with run.step() as session:
        done = update(Star).where(col(Star.id).in_(settled)).values(wiped_at=run.runtime.clock())
        await session.execute(done.execution_options(synchronize_session=False))
