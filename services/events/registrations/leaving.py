"""Who leaves or is suspended loses what they registered for, activity by activity, a transaction each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.messaging.handlers import Handlers, Received
from chassis.projections.members import LEFT_STATUSES
from chassis.timers import Late, Timer, Timers, again, schedule
from chassis.web.work import Work
from contracts.membership import MEMBER_STATES, SANCTION_STATES
from services.events.activities.models import Activity
from services.events.base import known
from services.events.penalties.handlers import RETURN
from services.events.penalties.rules import keeps_from
from services.events.penalties.service import bars_of, ever_kept_away
from services.events.registrations.models import GivenUp, Registration
from services.events.registrations.offers import fill
from services.events.registrations.rules import LIVE
from services.events.registrations.seats import end

LEAVE: Final = "member.leaves_activities"
GONE: Final = LEFT_STATUSES | {"suspended"}

handlers, timers = Handlers(), Timers()


@dataclass(frozen=True, slots=True)
class Gone:
    """Somebody who may not come: why (`left`, `expelled`, `suspended`, …), and from when on what begins they keep all the same."""

    status: str
    kept_from: datetime | None = None


@handlers.on(*MEMBER_STATES, *SANCTION_STATES)
async def follow_members(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """Begin to give back the seats of those who may no longer come, and to give them to those who may again."""
    there = {message.data.member_id for message in messages if message.data.status not in GONE}
    returning = await ever_kept_away(session, there) if there else set()
    for message in messages:
        member_id = message.data.member_id
        if message.data.status in GONE:
            await schedule(session, LEAVE, member_id, message.occurred_at)
        elif member_id in returning:
            await schedule(session, RETURN, member_id, message.occurred_at)


@timers.on(LEAVE, late=Late.BEGINNING)
async def give_back(session: AsyncSession, timer: Timer) -> None:
    """Give back what they have for the next activity, and come again for the one after it."""
    gone = await gone_now(session, timer.subject_id, timer.now)
    if gone is None:
        # They are back meanwhile, and keep what is left.
        return
    noted = await next_to_give_back(session, timer.subject_id, gone, timer.now)
    if noted is None:
        if await ever_kept_away(session, [timer.subject_id]):
            # What their penalty took is all given back now, which is answered.
            await schedule(session, RETURN, timer.subject_id, timer.now)
        return
    activity = await session.get_one(Activity, noted.activity_id, with_for_update=True, populate_existing=True)
    row = await session.get_one(Registration, noted.id, with_for_update=True, populate_existing=True)
    work = Work(session, timer.now)
    if row.status in LIVE and activity.status == "announced":
        await _note(work, row)
        await end(work, [(activity, row)], status="cancelled")
        await fill(work, [activity], but=row.id)
    await again(session, timer)


async def gone_now(session: AsyncSession, member_id: UUID, now: datetime) -> Gone | None:
    """Whether a member may not come, as far as is known here; None where they may, or nobody knows them."""
    members, sanctions = known.members.c, known.sanctions.c
    found = (
        select(members.status, sanctions.status.label("sanction"), sanctions.until)
        .select_from(known.members.outerjoin(known.sanctions, sanctions.id == members.id))
        .where(members.id == member_id)
    )
    row = (await session.execute(found)).first()
    if row is None:
        return None
    if row.status in GONE:
        return Gone(row.status)
    if row.sanction != "suspended" or (row.until is not None and row.until <= now):
        return None
    kept_from = keeps_from(await bars_of(session, member_id), now)
    # Where it lasts longer than what is known of penalties says, there is another.
    return Gone("suspended", kept_from if kept_from is not None and row.until == kept_from else None)


async def next_to_give_back(session: AsyncSession, member_id: UUID, gone: Gone, now: datetime) -> Registration | None:
    """What they have for the next activity to which they may not come."""
    first = (
        select(Registration)
        .join(Activity, col(Activity.id) == col(Registration.activity_id))
        .where(
            col(Registration.member_id) == member_id,
            col(Registration.status).in_(sorted(LIVE)),
            col(Activity.status) == "announced",
            col(Activity.starts_at) > now,
        )
    )
    if gone.kept_from is not None:
        first = first.where(col(Activity.starts_at) < gone.kept_from)
    first = first.order_by(col(Activity.starts_at), col(Registration.id)).limit(1)
    return (await session.execute(first)).scalar_one_or_none()


async def _note(work: Work, row: Registration) -> None:
    """Keep what somebody had whose penalty may be taken back."""
    await work.session.execute(delete(GivenUp).where(col(GivenUp.registration_id) == row.id))
    had = row.model_dump(include={"member_id", "status", "queued", "behind", "unconfirmed"})
    work.session.add(GivenUp(registration_id=row.id, given_up_at=work.now, **had))
