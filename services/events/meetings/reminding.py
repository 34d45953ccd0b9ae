"""Reminding who is to do something, the day before and on its day."""

from datetime import datetime
from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.messaging.outbox import emit
from chassis.projections.members import LEFT_STATUSES, known_member
from chassis.timers import Late, Timer, Timers, cancel, schedule
from contracts.events import RemindedObject, ReminderDue
from services.events.activities.models import Activity
from services.events.meetings.models import ActionItem
from services.events.meetings.rules import due_at, next_reminder, reminder_of

REMIND: Final = "action_item.remind"

timers = Timers()


async def plan_reminder(session: AsyncSession, item: ActionItem, now: datetime) -> None:
    """Have the owner of a locked item reminded next; of what is closed, or past its last reminder, nobody is."""
    zone = (await session.get_one(Activity, item.activity_id)).time_zone
    following = next_reminder(item.due_on, zone, now) if item.status == "open" else None
    if following is None:
        await cancel(session, REMIND, item.id)
    else:
        await schedule(session, REMIND, item.id, following.at)


@timers.on(REMIND, late=Late.ENDING)
async def remind(session: AsyncSession, timer: Timer) -> None:
    """Remind the owner as of when it was due; of several that nobody sent in time, the last."""
    item = await session.get(ActionItem, timer.subject_id, with_for_update=True, populate_existing=True)
    if item is None or item.status != "open":
        return
    zone = (await session.get_one(Activity, item.activity_id)).time_zone
    reminder = reminder_of(item.due_on, zone, timer.now)
    owner = await known_member(session, item.owner_id)
    if reminder is not None and owner is not None and owner.status not in LEFT_STATUSES:
        message = ReminderDue(
            community_id=item.community_id,
            object=RemindedObject(kind="action_item", id=item.id),
            title=item.title,
            due_at=due_at(item.due_on, zone),
            lead=reminder.lead,
            member_ids=(item.owner_id,),
        )
        await emit(session, message, version=1, occurred_at=reminder.at)
    await plan_reminder(session, item, timer.now)
