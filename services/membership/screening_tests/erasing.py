"""Answers and attempts go 180 days after an application is decided or withdrawn; that there were any, and what they came to, stays on it."""

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.rows import existing
from chassis.timers import Late, Timer, Timers, schedule
from services.membership.applications.models import Application
from services.membership.applications.occasions import ApplicationMoved
from services.membership.screening_tests.models import Attempt, GivenAnswer

ERASE: Final = "test.erase"
KEPT: Final = timedelta(days=180)

timers = Timers()


async def note_end(session: AsyncSession, moved: ApplicationMoved) -> None:
    """Set when the attempts of an application go that is decided or out of the race."""
    application = moved.application
    if application.state in ("decided", "withdrawn") and application.test_attempts > 0:
        await schedule(session, ERASE, application.id, _goes_at(application))


@timers.on(ERASE, late=Late.ENDING)
async def erase_on_time(session: AsyncSession, timer: Timer) -> None:
    """Delete the attempts of an application whose time is over; where it goes on, or was decided again, not yet."""
    application = await existing(session, Application, timer.subject_id, lock=True)
    if application.state not in ("decided", "withdrawn"):
        return
    if timer.now < _goes_at(application):
        await schedule(session, ERASE, application.id, _goes_at(application))
        return
    await _delete(session, col(Attempt.application_id) == application.id)
    application.test_attempt_id = None


async def erase(session: AsyncSession, person_id: UUID, _now: datetime) -> None:
    """What somebody answered goes with them."""
    await _delete(session, col(Attempt.person_id) == person_id)
    theirs = update(Application).where(col(Application.person_id) == person_id)
    await session.execute(theirs.values(test_attempt_id=None))


def _goes_at(application: Application) -> datetime:
    ended = application.release_at if application.state == "decided" else None
    return (ended or application.step_since) + KEPT


async def _delete(session: AsyncSession, which: Any) -> None:
    gone = select(col(Attempt.id)).where(which)
    await session.execute(delete(GivenAnswer).where(col(GivenAnswer.attempt_id).in_(gone)))
    await session.execute(delete(Attempt).where(which))
