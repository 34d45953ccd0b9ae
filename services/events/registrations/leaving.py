"""Who leaves or is suspended loses what they registered for, activity by activity, a transaction each."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.messaging.handlers import Handlers, Received
from chassis.projections.members import LEFT_STATUSES
from chassis.timers import Late, Timer, Timers, again, schedule
from chassis.web.work import Work
from contracts.membership import MEMBER_STATES, SANCTION_STATES
from services.events.activities.models import Activity
from services.events.base import known
from services.events.registrations.models import Registration
from services.events.registrations.rules import LIVE
from services.events.registrations.seats import end, fill

LEAVE: Final = "member.leaves_activities"
GONE: Final = LEFT_STATUSES | {"suspended"}

handlers, timers = Handlers(), Timers()


@handlers.on(*MEMBER_STATES, *SANCTION_STATES)
async def follow_members(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """Begin to give back the seats of those who may no longer come."""
    for message in messages:
        if message.data.status in GONE:
            await schedule(session, LEAVE, message.data.member_id, message.occurred_at)


@timers.on(LEAVE, late=Late.BEGINNING)
async def give_back(session: AsyncSession, timer: Timer) -> None:
    """Give back what they have for the next activity, and come again for the one after it."""
    if not await _are_gone(session, timer):
        # They are back meanwhile, and keep what is left.
        return
    first = (
        select(Registration)
        .join(Activity, col(Activity.id) == col(Registration.activity_id))
        .where(
            col(Registration.member_id) == timer.subject_id,
            col(Registration.status).in_(sorted(LIVE)),
            col(Activity.status) == "announced",
            col(Activity.starts_at) > timer.now,
        )
        .order_by(col(Activity.starts_at), col(Registration.id))
        .limit(1)
    )
    noted = (await session.execute(first)).scalar_one_or_none()
    if noted is None:
        return
    activity = await session.get_one(Activity, noted.activity_id, with_for_update=True, populate_existing=True)
    row = await session.get_one(Registration, noted.id, with_for_update=True, populate_existing=True)
    work = Work(session, timer.now)
    if row.status in LIVE and activity.status == "announced":
        await end(work, [(activity, row)], status="cancelled")
        await fill(work, [activity], but=row.id)
    await again(session, timer)


async def _are_gone(session: AsyncSession, timer: Timer) -> bool:
    members, sanctions = known.members.c, known.sanctions.c
    found = (
        select(members.status, sanctions.status.label("sanction"), sanctions.until)
        .select_from(known.members.outerjoin(known.sanctions, sanctions.id == members.id))
        .where(members.id == timer.subject_id)
    )
    row = (await session.execute(found)).first()
    if row is None:
        return False
    return row.status in GONE or (row.sanction == "suspended" and (row.until is None or row.until > timer.now))
