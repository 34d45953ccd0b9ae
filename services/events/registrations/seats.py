"""Seats and the line, under the lock of their activity: who gets a seat, who is offered one, who waits."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col

from chassis.messaging.outbox import Outgoing
from chassis.timers import schedule
from chassis.web.work import Work
from contracts.events import (
    RegistrationCancelled,
    RegistrationChange,
    RegistrationConfirmed,
    RegistrationExcused,
    RegistrationExpired,
    RegistrationOffered,
    RegistrationWaitlisted,
)
from services.events.activities.models import Activity
from services.events.deeds.service import deeds
from services.events.registrations.answers import drop
from services.events.registrations.models import Registration
from services.events.registrations.queries import next_in_line
from services.events.registrations.rules import (
    HeldBy,
    Window,
    free_seats,
    is_daytime,
    offered_until,
    place_in_line,
)

MOST_SEATED: Final = 500
"""So many get a seat in one transaction; the rest with the next."""
OFFER_OVER: Final = "registration.offer_over"
FILL: Final = "activity.fill"
OFFERS_OVER: Final = "activity.offers_over"

_ENDED: Final[dict[str, type[RegistrationChange]]] = {
    "cancelled": RegistrationCancelled,
    "excused": RegistrationExcused,
    "expired": RegistrationExpired,
}


def free(activity: Activity) -> int | None:
    """How many seats nobody has and nobody is offered; None where there is no limit."""
    return free_seats(activity.capacity, activity.confirmed + activity.offered)


def may_pass(activity: Activity, now: datetime) -> bool:
    """Whether who registers now gets a seat, and passes nobody by: what is free comes too late for those who wait, if anybody does."""
    return free(activity) != 0 and (not activity.waiting or window(activity).is_short(now))


def held_by(activity: Activity, now: datetime) -> HeldBy | None:
    """Why nobody who waits is being given a seat; None where there is none, or nobody waits."""
    opening = window(activity)
    if not activity.waiting or activity.status != "announced":
        return None
    if free(activity) == 0:
        return "offers_out" if activity.offered else None
    if now >= opening.starts_at:
        return "registration_closed"
    if opening.is_short(now):
        return "short_notice"
    if activity.seat_offers == "at_once":
        return None
    if now >= opening.last_offer:
        return "registration_closed"
    return None if is_daytime(now, activity.time_zone) else "night_hours"


async def fill(work: Work, activity: Activity, *, but: UUID | None = None) -> None:
    """Give seats that are free to those who wait, or offer them; by the clock once the night is over."""
    opening = window(activity)
    room = free(activity)
    if room == 0 or not activity.waiting or activity.status != "announced" or work.now >= opening.starts_at:
        return
    short = opening.is_short(work.now)
    timed = activity.seat_offers == "timed" and not short
    chance = opening.next_offer(work.now, activity.time_zone)
    if timed and chance > work.now:
        await schedule(work.session, FILL, activity.id, chance)
        return
    await work.session.flush()
    most = MOST_SEATED if room is None else min(room, MOST_SEATED)
    rows = await next_in_line(work.session, activity.id, most, at_short_notice=short, but=but)
    if timed:
        await _offer(work, activity, rows)
    else:
        await give(work, activity, rows)
    if len(rows) == MOST_SEATED:
        await schedule(work.session, FILL, activity.id, work.now)


async def give(work: Work, activity: Activity, rows: Sequence[Registration]) -> None:
    """Give these a seat, and tell so."""
    for row in rows:
        _leave(activity, row)
        row.sqlmodel_update(_NOWHERE | {"status": "confirmed", "seated_at": work.now})
        activity.confirmed += 1
    await tell(work, activity, RegistrationConfirmed, rows)


async def assign_seats(work: Work, activity: Activity, rows: Sequence[Registration]) -> None:
    """Give these a seat that they are expected to take."""
    for row in rows:
        _leave(activity, row)
        row.sqlmodel_update(_NOWHERE | {"status": "assigned", "seated_at": work.now, "ended_at": None})
        row.leave_reason = row.leave_asked_at = row.leave_decided_at = None
        activity.confirmed += 1


async def end(work: Work, activity: Activity, row: Registration, *, status: str) -> None:
    """Take a seat, an offer or a place in the line back, and tell so; what they answered goes."""
    _leave(activity, row)
    await drop(work.session, row)
    row.sqlmodel_update(_NOWHERE | {"status": status, "ended_at": work.now, "unconfirmed": False})
    await tell(work, activity, _ENDED[status], [row])


def count_missing(activity: Activity, row: Registration, *, missing: bool) -> None:
    """Say whether somebody with a seat did not come to a completed activity."""
    if missing != (row.no_show_at is not None):
        row.no_show_at = activity.starts_at if missing else None
        activity.no_shows += 1 if missing else -1


async def queue(work: Work, activity: Activity, row: Registration) -> None:
    """Give somebody the last place in the line, or the last of those who do not stand behind the others."""
    place = place_in_line(waiting=activity.waiting, behind=activity.waiting_behind, stands_behind=row.behind)
    activity.waiting += 1
    activity.waiting_behind += row.behind
    activity.queued += 1
    row.status, row.queued = "waitlisted", activity.queued
    await tell(work, activity, RegistrationWaitlisted, [row], place)


async def tell(
    work: Work,
    activity: Activity,
    kind: type[RegistrationChange],
    rows: Sequence[Registration],
    place: int | None = None,
) -> None:
    """Publish what became of registrations."""
    for row in rows:
        row.changed_at = work.now
    await work.session.flush()
    messages = [Outgoing(_message(kind, activity, row, place), row.bump(), work.now) for row in rows]
    # Its first message says that somebody registered, the latest what became of it.
    await deeds.tell_in_order(work.session, [("made" if one.version == 1 else "changed", one) for one in messages])


def window(activity: Activity) -> Window:
    """When one may register for it and give a seat back."""
    return Window(
        starts_at=activity.starts_at,
        opens_at=activity.registration_opens_at,
        closes_at=activity.registration_closes_at,
        cancel_until=activity.cancel_until,
    )


_NOWHERE: Final = {"queued": None, "behind": False, "offer_ends_at": None}


async def _offer(work: Work, activity: Activity, rows: Sequence[Registration]) -> None:
    until = offered_until(work.now, time_zone=activity.time_zone, last=window(activity).last_offer)
    for row in rows:
        _leave(activity, row)
        row.sqlmodel_update(_NOWHERE | {"status": "offered", "offer_ends_at": until})
        activity.offered += 1
        await schedule(work.session, OFFER_OVER, row.id, until)
    await tell(work, activity, RegistrationOffered, rows)


async def shorten_offers(work: Work, activity: Activity) -> None:
    """Let no offer last beyond the start or the end of registration, where these are earlier now."""
    last = max(window(activity).last_offer, work.now)
    longer = (
        col(Registration.activity_id) == activity.id,
        col(Registration.status) == "offered",
        col(Registration.offer_ends_at) > last,
    )
    if activity.offered:
        await work.session.execute(update(Registration).where(*longer).values(offer_ends_at=last))
        await schedule(work.session, OFFERS_OVER, activity.id, last)


def _leave(activity: Activity, row: Registration) -> None:
    """Count one less where they were."""
    match row.status:
        case "waitlisted":
            activity.waiting -= 1
            activity.waiting_behind -= row.behind
        case "offered":
            activity.offered -= 1
        case "confirmed" | "assigned":
            activity.confirmed -= 1


def _message(
    kind: type[RegistrationChange], activity: Activity, row: Registration, place: int | None
) -> RegistrationChange:
    return kind(
        community_id=row.community_id,
        registration_id=row.id,
        activity_id=activity.id,
        activity_kind=activity.kind,
        starts_at=activity.starts_at,
        member_id=row.member_id,
        position=place,
        offer_expires_at=row.offer_ends_at,
    )
