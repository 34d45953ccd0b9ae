"""What registrations do when something happens to their activity."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Update, exists, or_, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import among
from services.events.activities.models import Activity
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
    """Of moved activities everybody is asked again, of cancelled ones all are ended; where seats or times are others, what is free is given anew."""
    activities, ids = turned.activities, [one.id for one in turned.activities]
    match turned.how:
        case "moved":
            await session.execute(_live(session, ids).values(unconfirmed=True))
            await shorten_offers(turned.work, activities)
            await fill(turned.work, activities)
        case "cancelled":
            await session.execute(_live(session, ids).values(_ENDED | {"ended_at": turned.work.now}))
            await drop_all(session, ids)
            for one in activities:
                one.confirmed = one.offered = one.waiting = one.waiting_behind = 0
        case "completed":
            for one in activities:
                one.no_shows = await _mark_no_shows(session, one)
        case "resized":
            await shorten_offers(turned.work, activities)
            await fill(turned.work, activities)


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


async def _mark_no_shows(session: AsyncSession, activity: Activity) -> int:
    """Who has a seat and was not there; not who has not said again that they come, nor whose leave nobody has decided about."""
    there = exists().where(
        col(Attendance.activity_id) == col(Registration.activity_id),
        col(Attendance.member_id) == col(Registration.member_id),
        col(Attendance.revoked_at).is_(None),
    )
    missing = update(Registration).where(
        col(Registration.activity_id) == activity.id,
        col(Registration.status).in_(sorted(TAKEN)),
        ~col(Registration.unconfirmed),
        or_(col(Registration.leave_asked_at).is_(None), col(Registration.leave_decided_at).is_not(None)),
        ~there,
    )
    marked = missing.values(no_show_at=activity.starts_at).execution_options(synchronize_session=False)
    return int((await session.execute(marked)).rowcount)  # type: ignore[attr-defined]


_ENDED: Final[dict[str, Any]] = {
    "status": "cancelled",
    "queued": None,
    "behind": False,
    "unconfirmed": False,
    "offer_ends_at": None,
}


def _live(session: AsyncSession, activity_ids: Sequence[UUID]) -> Update:
    """A change of all who have a seat or wait for one; their activity's message tells of it."""
    of_activities = update(Registration).where(
        among(session, col(Registration.activity_id), activity_ids), col(Registration.status).in_(sorted(LIVE))
    )
    return of_activities.execution_options(synchronize_session=False)
