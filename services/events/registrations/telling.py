"""The time of an offer runs from when it has reached its member: membership says when, by whichever way, or that nothing does."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.messaging.handlers import Handlers, Received
from chassis.timers import schedule_many
from contracts.membership import NotificationTaken
from services.events.activities.models import Activity
from services.events.registrations.models import Registration
from services.events.registrations.offers import OFFER_OVER
from services.events.registrations.queries import lock_activities, registrations_by_id
from services.events.registrations.seats import clock_of, window

handlers = Handlers()


@handlers.on(NotificationTaken)
async def follow_told(messages: Sequence[Received[NotificationTaken]], session: AsyncSession) -> None:
    """Begin the time of offers that have reached somebody; whom an offer had not reached, and who knows now, is offered seats in their turn again."""
    about: dict[UUID, list[Received[NotificationTaken]]] = {}
    for message in messages:
        if message.data.object.kind == "registration":
            about.setdefault(message.data.object.id, []).append(message)
    noted = await registrations_by_id(session, about)
    activities = {one.id: one for one in await lock_activities(session, {row.activity_id for row in noted})}
    over: dict[UUID, datetime] = {}
    for row in await registrations_by_id(session, [one.id for one in noted], lock=True):
        for message in about[row.id]:
            told = message.data
            # Where something newer was said meanwhile, that alone counts.
            if told.member_id == row.member_id and told.version == row.awaited:
                over |= _hear(activities[row.activity_id], row, told.result == "taken", message.occurred_at)
    await session.flush()
    await schedule_many(session, OFFER_OVER, over)


def _hear(activity: Activity, row: Registration, reached: bool, at: datetime) -> dict[UUID, datetime]:
    """What follows for a registration; when its offer is over now, where that is another moment."""
    clock = clock_of(row)
    if clock is None:
        if row.status == "waitlisted" and reached:
            row.untold = 0
        return {}
    now = clock.told(at, reached=reached, time_zone=activity.time_zone, last=window(activity).last_offer)
    row.offer_runs_from, row.offer_told_at, row.offer_ends_at = now.runs_from, now.told_at, now.ends_at
    return {} if now.ends_at == clock.ends_at else {row.id: now.ends_at}
