"""What the clock does with seats: an offer that nobody took ends, and in the morning seats are offered that fell free at night."""

from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.timers import Late, Timer, Timers, again
from chassis.web.work import Work
from services.events.activities.models import Activity
from services.events.registrations.models import Registration
from services.events.registrations.offers import FILL, OFFER_OVER, OFFERS_OVER, end_untaken, fill
from services.events.registrations.queries import offers_over

timers = Timers()

MOST_ENDED: Final = 50
"""So many offers end in one transaction; the rest with the next."""


@timers.on(OFFER_OVER, late=Late.ENDING)
async def end_offer(session: AsyncSession, timer: Timer) -> None:
    """End an offer when it was due, and offer the seat to the next from now on: they lose no time of which they were not told."""
    noted = await session.get(Registration, timer.subject_id)
    if noted is None:
        return
    activity = await session.get_one(Activity, noted.activity_id, with_for_update=True, populate_existing=True)
    row = await session.get_one(Registration, noted.id, with_for_update=True, populate_existing=True)
    if activity.status != "announced":
        return
    if row.status != "offered" or row.offer_ends_at is None or row.offer_ends_at > timer.now:
        return
    await end_untaken(Work(session, timer.at), [(activity, row)])
    # Who keeps their place is offered it again only where nobody else waits.
    await fill(Work(session, timer.now), [activity], but=row.id if row.status == "expired" else None)


@timers.on(OFFERS_OVER, late=Late.ENDING)
async def end_offers(session: AsyncSession, timer: Timer) -> None:
    """End the offers of an activity that were shortened, as many as are given at a time."""
    activity = await session.get(Activity, timer.subject_id, with_for_update=True, populate_existing=True)
    if activity is None or activity.status != "announced":
        return
    rows = await offers_over(session, activity.id, timer.now, MOST_ENDED)
    await end_untaken(Work(session, timer.now), [(activity, row) for row in rows])
    if len(rows) == MOST_ENDED:
        await again(session, timer)
    await fill(Work(session, timer.now), [activity])


@timers.on(FILL, late=Late.BEGINNING)
async def fill_seats(session: AsyncSession, timer: Timer) -> None:
    """Give or offer seats that are free."""
    activity = await session.get(Activity, timer.subject_id, with_for_update=True, populate_existing=True)
    if activity is not None:
        await fill(Work(session, timer.now), [activity])
