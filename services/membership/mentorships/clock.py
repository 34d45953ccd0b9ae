"""What the clock does to mentorships: unanswered they lapse, and at their end they are completed. Dated when it was due."""

from datetime import datetime
from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.messaging.outbox import tell
from chassis.timers import Late, Timer, Timers
from contracts.belonging import MentorshipCompleted
from services.membership.mentorships.models import Mentorship
from services.membership.mentorships.news import about

DUE: Final = "mentorship.due"

timers = Timers()


async def catch_up(session: AsyncSession, row: Mentorship, now: datetime) -> None:
    """Record what the clock has done to a locked mentorship, and tell."""
    due, status = row.course.due_at, row.course.status_at(now)
    if due is None or status == row.status:
        return
    row.status = status
    row.version += 1
    if status == "lapsed":
        row.answered_at = due
        # Who did not answer needs to be told nothing.
        await about(session, row, "lapsed", by="mentor" if row.proposed_by == "mentee" else "mentee", at=due)
    else:
        row.closed_at, row.closed_because = due, "time"
        await tell(session, MentorshipCompleted, row, due, again=True)
    # Before another of the same two is written, of which only one lives.
    await session.flush()


@timers.on(DUE, late=Late.ENDING)
async def come_due(session: AsyncSession, timer: Timer) -> None:
    """Record that a proposal has lapsed, or that a mentorship is completed."""
    row = await session.get(Mentorship, timer.subject_id, with_for_update=True, populate_existing=True)
    if row is not None:
        await catch_up(session, row, timer.now)
