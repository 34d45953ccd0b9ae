"""What registrations do when something happens to their activity."""

from collections.abc import Collection, Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Update, exists, or_, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from services.events.activities.occasions import Shown, Turned
from services.events.activities.schemas import OwnRegistration
from services.events.attendances.models import Attendance
from services.events.attendances.occasions import Asked, Corrected
from services.events.meetings.occasions import AskedIn
from services.events.registrations.answers import drop_all
from services.events.registrations.models import Registration
from services.events.registrations.queries import own, registration_of, registrations_of, seated
from services.events.registrations.rules import LIVE, TAKEN
from services.events.registrations.seats import count_missing, fill, shorten_offers


async def own_shown(session: AsyncSession, shown: Shown) -> Mapping[UUID, Any]:
    """The reader's registrations for these activities."""
    found = await own(session, shown.member_ids, [one.id for one in shown.activities])
    return {key: OwnRegistration(id=row.id, status=row.status, place=row.place) for key, row in found.items()}


async def follow_turned(session: AsyncSession, turned: Turned) -> None:
    """Of a moved activity everybody is asked again, of a cancelled one all are ended; where seats or times are others, what is free is given anew."""
    activity = turned.activity
    match turned.how:
        case "moved":
            await session.execute(_live(activity.id).values(unconfirmed=True))
            await shorten_offers(turned.work, activity)
            await fill(turned.work, activity)
        case "cancelled":
            await session.execute(_live(activity.id).values(_ENDED | {"ended_at": turned.work.now}))
            await drop_all(session, activity.id)
            activity.confirmed = activity.offered = activity.waiting = activity.waiting_behind = 0
        case "completed":
            activity.no_shows = await _mark_no_shows(session, turned)
        case "resized":
            await shorten_offers(turned.work, activity)
            await fill(turned.work, activity)


async def who_has_a_seat(session: AsyncSession, asked: Asked) -> Collection[UUID]:
    """Who of those at the door has a seat."""
    return await seated(session, asked.activity_id, asked.member_ids)


async def follow_corrected(session: AsyncSession, corrected: Corrected) -> None:
    """Who was there after all is no no-show, and who was not is one, as if it had been known when the activity was completed."""
    activity = corrected.activity
    for member_id, row in (await registrations_of(session, activity.id, corrected.there)).items():
        undecided = row.leave_asked_at is not None and row.leave_decided_at is None
        expected = row.status in TAKEN and not row.unconfirmed and not undecided
        count_missing(activity, row, missing=expected and not corrected.there[member_id])


async def is_invited(session: AsyncSession, asked: AskedIn) -> bool:
    """Who registered for a meeting, was assigned to it or was excused from it is invited, until they cancel."""
    row = await registration_of(session, asked.activity_id, asked.member_id)
    return row is not None and row.status in LIVE | {"excused"}


async def _mark_no_shows(session: AsyncSession, turned: Turned) -> int:
    """Who has a seat and was not there; not who has not said again that they come, nor whose leave nobody has decided about."""
    there = exists().where(
        col(Attendance.activity_id) == col(Registration.activity_id),
        col(Attendance.member_id) == col(Registration.member_id),
        col(Attendance.revoked_at).is_(None),
    )
    missing = update(Registration).where(
        col(Registration.activity_id) == turned.activity.id,
        col(Registration.status).in_(sorted(TAKEN)),
        ~col(Registration.unconfirmed),
        or_(col(Registration.leave_asked_at).is_(None), col(Registration.leave_decided_at).is_not(None)),
        ~there,
    )
    marked = missing.values(no_show_at=turned.activity.starts_at).execution_options(synchronize_session=False)
    return int((await session.execute(marked)).rowcount)  # type: ignore[attr-defined]


_ENDED: Final[dict[str, Any]] = {
    "status": "cancelled",
    "queued": None,
    "behind": False,
    "unconfirmed": False,
    "offer_ends_at": None,
}


def _live(activity_id: UUID) -> Update:
    """A change of all who have a seat or wait for one; their activity's message tells of it."""
    of_activity = update(Registration).where(
        col(Registration.activity_id) == activity_id, col(Registration.status).in_(sorted(LIVE))
    )
    return of_activity.execution_options(synchronize_session=False)
