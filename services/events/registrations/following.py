"""What registrations do when something happens to their activity."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import among
from chassis.database.context import moment_of
from services.events.activities.models import Activity
from services.events.activities.occasions import Shown, Turned, Viewed
from services.events.activities.rules import refusal
from services.events.activities.schemas import OwnRegistration
from services.events.attendances.occasions import Asked, Corrected
from services.events.meetings.occasions import AskedIn
from services.events.penalties.service import spared_of
from services.events.permissions import REGISTRATIONS_CREATE
from services.events.registrations.models import Registration
from services.events.registrations.offers import fill, shorten_offers
from services.events.registrations.problems import NOT_ELIGIBLE, REGISTRATION_CLOSED
from services.events.registrations.queries import own, registration_of, registrations_of, seated
from services.events.registrations.rules import LIVE
from services.events.registrations.seats import count_missing, is_expected, promised, window
from services.events.registrations.settling import as_of_now, settle, settle_no_shows, write_down


async def own_shown(session: AsyncSession, shown: Shown) -> Mapping[UUID, Any]:
    """The reader's registrations for these activities."""
    found = await own(session, shown.member_ids, [one.id for one in shown.activities])
    now = moment_of(session)
    return {one.id: _own(one, found[one.id], now) for one in shown.activities if one.id in found}


async def may_register(_session: AsyncSession, viewed: Viewed) -> Mapping[str, str | None]:
    """Whether the reader of an activity can register for it; nothing where they are registered."""
    mine = viewed.mine
    if mine is not None and mine.registration is not None and mine.registration.status in LIVE:
        return {}
    return {"register": _refused(viewed)}


def _refused(viewed: Viewed) -> str | None:
    activity, standing = viewed.found.activity, viewed.found.standing
    if viewed.mine is None or not REGISTRATIONS_CREATE.reach(standing.columns):
        return "forbidden"
    if standing.community.status == "archived":
        return "community_archived"
    code = refusal("register", status=activity.status, ends_at=activity.ends_at, now=viewed.now)
    if code is None and window(activity).closed(viewed.now) is not None:
        code = REGISTRATION_CLOSED.code
    if code is None and viewed.mine.unmet:
        code = NOT_ELIGIBLE.code
    return code


async def registered(session: AsyncSession, member_ids: Collection[UUID]) -> ColumnElement[bool]:
    """Which activities these members have a seat for, or a place in the line."""
    return exists().where(
        col(Registration.activity_id) == col(Activity.id),
        among(session, col(Registration.member_id), member_ids),
        col(Registration.status).in_(LIVE),
    )


def _own(activity: Activity, row: Any, now: datetime) -> OwnRegistration:
    """A registration as of now: what becomes of thousands is written one by one, and read from the first moment on."""
    live = row.status in LIVE
    if live and activity.status == "cancelled":
        return OwnRegistration(id=row.id, status="cancelled", place=None, unconfirmed=False, offer_ends_at=None)
    return OwnRegistration(
        id=row.id,
        status=row.status,
        place=row.place,
        unconfirmed=row.unconfirmed or (live and row.asked < activity.asked),
        offer_ends_at=promised(activity, row, now),
    )


async def follow_turned(session: AsyncSession, turned: Turned) -> None:
    """Of moved activities everybody is asked again, of cancelled ones all are ended; where seats or times are others, what is free is given anew."""
    work, activities = turned.work, turned.activities
    held = sum(one.confirmed + one.offered + one.waiting for one in activities)
    match turned.how:
        case "moved":
            await settle(work, activities, held)
            await shorten_offers(work, activities)
            await fill(work, activities)
        case "cancelled":
            for one in activities:
                one.confirmed = one.offered = one.waiting = one.waiting_behind = 0
            await settle(work, activities, held)
        case "completed":
            for one in activities:
                await settle_no_shows(work, one, held)
        case "resized":
            await shorten_offers(work, activities)
            await fill(work, activities)


async def who_has_a_seat(session: AsyncSession, asked: Asked) -> Collection[UUID]:
    """Who of those at the door has a seat."""
    return await seated(session, asked.activity_id, asked.member_ids)


async def follow_corrected(session: AsyncSession, corrected: Corrected) -> None:
    """Who was there after all is no no-show, and who was not is one, as if it had been known when the activity was completed."""
    activity = corrected.activity
    spared = await spared_of(session, corrected.there, (activity.starts_at, activity.ends_at))
    for member_id, row in (await registrations_of(session, activity.id, corrected.there)).items():
        write_down(activity, row)
        missing = is_expected(row) and not corrected.there[member_id] and member_id not in spared
        count_missing(activity, row, missing=missing)


async def is_invited(session: AsyncSession, asked: AskedIn) -> bool:
    """Who registered for a meeting, was assigned to it or was excused from it is invited, until they cancel."""
    row = await registration_of(session, asked.activity_id, asked.member_id)
    if row is None:
        return False
    activity = await session.get_one(Activity, asked.activity_id)
    return as_of_now(activity, row).status in LIVE | {"excused"}
