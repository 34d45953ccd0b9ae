"""Reminding who has a seat, a day and an hour before."""

from datetime import timedelta
from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.messaging.outbox import Outgoing, emit_many
from chassis.messaging.parts import in_parts
from chassis.timers import Late, Timer, Timers, cancel_many, schedule_many
from contracts.events import RemindedObject, ReminderDue
from services.events.activities.models import Activity
from services.events.activities.occasions import Turned
from services.events.registrations.queries import everybody_seated

LEADS: Final = {"day": timedelta(days=1), "hour": timedelta(hours=1)}

timers = Timers()


async def plan_reminders(session: AsyncSession, turned: Turned) -> None:
    """Who has a seat is reminded of an activity when it is announced, and anew where it is moved."""
    if turned.how not in {"announced", "moved", "cancelled"}:
        return
    for lead, before in LEADS.items():
        kind, due = f"activity.remind_{lead}", {one.id: one.starts_at - before for one in turned.activities}
        ahead = {key: at for key, at in due.items() if turned.how != "cancelled" and at > turned.work.now}
        await schedule_many(session, kind, ahead)
        await cancel_many(session, kind, due.keys() - ahead.keys())


@timers.on("activity.remind_day", late=Late.TELLING)
async def remind_a_day_before(session: AsyncSession, timer: Timer) -> None:
    """Remind who has a seat the day before."""
    await _remind(session, timer, "day")


@timers.on("activity.remind_hour", late=Late.TELLING)
async def remind_an_hour_before(session: AsyncSession, timer: Timer) -> None:
    """Remind who has a seat an hour before."""
    await _remind(session, timer, "hour")


async def _remind(session: AsyncSession, timer: Timer, lead: str) -> None:
    activity = await session.get(Activity, timer.subject_id, with_for_update=True, populate_existing=True)
    if activity is None or activity.status != "announced" or activity.starts_at - LEADS[lead] != timer.due_at:
        return
    members = await everybody_seated(session, activity.id)
    messages = [
        ReminderDue(
            community_id=activity.community_id,
            object=RemindedObject(kind="activity", id=activity.id),
            title=activity.title,
            due_at=activity.starts_at,
            lead=lead,
            **part._asdict(),
        )
        for part in in_parts(members)
    ]
    await emit_many(session, [Outgoing(one, 1, timer.due_at) for one in messages])
