"""What was said in applications goes in time: 180 days after the decision or the withdrawal, drafts 30 days after closing. Counts stay."""

from datetime import timedelta
from typing import Final

from sqlalchemy import and_, delete, func, or_, select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.timers import Timer, Timers
from services.membership.applications.models import Application, ApplicationMove
from services.membership.applications.occasions import ApplicationsForgotten, applications_forgotten
from services.membership.applications.rules import DRAFTS_KEPT, KEPT
from services.membership.campaigns.models import Campaign

EVERY: Final = timedelta(hours=1)
AT_ONCE: Final = 500

timers = Timers()


@timers.every(EVERY, kind="applications.forget")
async def forget(session: AsyncSession, timer: Timer) -> None:
    """Forget what is due, the oldest first, a step at a time. Whoever waits on the list of a campaign is not done yet, and what is held stays."""
    until = timer.now - KEPT
    waits = and_(col(Application.outcome) == "waitlisted", col(Campaign.status) != "archived")
    due = (
        select(col(Application.id))
        .join(Campaign, col(Campaign.id) == col(Application.campaign_id))
        .where(
            col(Application.forgotten_at).is_(None),
            col(Application.held_since).is_(None),
            col(Application.step_since) <= until,
            or_(
                col(Application.state) == "withdrawn",
                and_(
                    col(Application.state) == "decided",
                    func.coalesce(col(Application.release_at), col(Application.step_since)) <= until,
                    ~waits,
                ),
            ),
        )
        .order_by(col(Application.step_since), col(Application.id))
        .limit(AT_ONCE)
        .with_for_update(of=Application, skip_locked=True)
    )
    ids = list((await session.execute(due)).scalars())
    if ids:
        await applications_forgotten.happened(session, ApplicationsForgotten(ids, timer.now))
        these = update(Application).where(col(Application.id).in_(ids))
        await session.execute(these.values(answers={}, returned_what=None, forgotten_at=timer.now))
        # Its way has the same words once more. Why it was decided so is how it went.
        moves = update(ApplicationMove).where(
            col(ApplicationMove.application_id).in_(ids), col(ApplicationMove.action) != "decide"
        )
        await session.execute(moves.values(note=None))


@timers.every(EVERY, kind="applications.drop_drafts")
async def drop_drafts(session: AsyncSession, timer: Timer) -> None:
    """Throw away what nobody submitted in time: nothing was told of it, and nothing counts it."""
    old = (
        select(col(Application.id))
        .join(Campaign, col(Campaign.id) == col(Application.campaign_id))
        .where(col(Application.state) == "draft", col(Campaign.closes_at) <= timer.now - DRAFTS_KEPT)
        .order_by(col(Application.step_since))
        .limit(AT_ONCE)
        .with_for_update(of=Application, skip_locked=True)
    )
    ids = list((await session.execute(old)).scalars())
    if ids:
        await session.execute(delete(Application).where(col(Application.id).in_(ids)))
