"""Use cases of registrations: taking a seat or a place in the line, and giving it back."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from chassis.messaging.outbox import Outgoing, emit_many
from chassis.problems import NOT_FOUND, refused
from chassis.web.work import Work
from contracts.events import (
    RegistrationCancelled,
    RegistrationChange,
    RegistrationConfirmed,
    RegistrationWaitlisted,
)
from services.events.activities.access import SeenActivity, seen_activity
from services.events.activities.models import Activity
from services.events.activities.rules import refusal
from services.events.registrations.access import own_registration
from services.events.registrations.models import Registration
from services.events.registrations.problems import REGISTRATION_CLOSED, TOO_LATE_TO_CANCEL
from services.events.registrations.queries import next_in_line, no_shows_of, registration_of
from services.events.registrations.rules import LIVE, NO_SHOWS, REMEMBERED, SEATED, Window, free_seats, place_in_line
from services.events.registrations.schemas import RegistrationCreate

MOST_SEATED: Final = 500
"""So many get a seat in one transaction."""


@dataclass(frozen=True, slots=True)
class Registered:
    """A registration, its activity, and what the caller is to it; `new` where the request changed something."""

    registration: Registration
    found: SeenActivity
    new: bool = True


async def register(work: Work, body: RegistrationCreate) -> Registered:
    """Give the caller a seat, or the last place in the line. Again, it changes nothing. Raises `REGISTRATION_CLOSED`."""
    found = await seen_activity(work, body.activity_id, lock=True)
    activity, member_id = found.activity, found.standing.member_id
    if member_id is None:
        raise NOT_FOUND()
    row = await registration_of(work.session, activity.id, member_id)
    if row is not None and row.status in LIVE:
        return Registered(row, found, new=False)
    code = refusal("register", status=activity.status, ends_at=activity.ends_at, now=work.now)
    if code is not None:
        raise refused(code, state=activity.status)
    reason = window(activity).closed(work.now)
    if reason is not None:
        raise REGISTRATION_CLOSED(reason=reason, opens_at=activity.registration_opens_at)
    if row is None:
        row = Registration(
            community_id=activity.community_id,
            activity_id=activity.id,
            member_id=member_id,
            status="cancelled",
            registered_at=work.now,
        )
        work.session.add(row)
    row.short_notice, row.registered_at, row.ended_at, row.unconfirmed = body.short_notice, work.now, None, False
    # Where seats are free nobody waits who would take one.
    if free_seats(activity.capacity, activity.confirmed) != 0:
        await seat(work, activity, [row])
    else:
        row.behind = await no_shows_of(work.session, member_id, work.now - REMEMBERED) >= NO_SHOWS
        await _queue(work, activity, row)
    return Registered(row, found)


async def cancel(work: Work, key: UUID) -> Registered:
    """Give the caller's seat or place in the line back. Again, it changes nothing. Raises `TOO_LATE_TO_CANCEL`."""
    row, found = await own_registration(work, key, lock=True)
    activity = found.activity
    if row.status not in LIVE:
        return Registered(row, found, new=False)
    if row.status in SEATED and window(activity).kept(work.now):
        raise TOO_LATE_TO_CANCEL(until=activity.cancel_until or activity.starts_at)
    await end(work, activity, row, status="cancelled")
    await fill(work, activity, but=row.id)
    return Registered(row, found)


async def confirm(work: Work, key: UUID) -> Registered:
    """Say that the caller still comes after the activity was moved. Again, it changes nothing."""
    row, found = await own_registration(work, key, lock=True)
    if row.status not in LIVE:
        raise refused("illegal_transition", state=row.status)
    changed, row.unconfirmed = row.unconfirmed, False
    return Registered(row, found, new=changed)


# --- under the lock of the activity ----------------------------------------------------------------------------------


async def fill(work: Work, activity: Activity, *, but: UUID | None = None) -> None:
    """Give seats that are free to those who wait, before the activity starts."""
    opening = window(activity)
    free = free_seats(activity.capacity, activity.confirmed)
    if free == 0 or not activity.waiting or work.now >= activity.starts_at or activity.status != "announced":
        return
    most = MOST_SEATED if free is None else min(free, MOST_SEATED)
    await work.session.flush()
    rows = await next_in_line(work.session, activity.id, most, at_short_notice=opening.is_short(work.now), but=but)
    await seat(work, activity, rows)


async def seat(work: Work, activity: Activity, rows: Sequence[Registration]) -> None:
    """Give these a seat, and tell so."""
    for row in rows:
        if row.status == "waitlisted":
            leave_line(activity, row)
        row.status, row.seated_at, row.queued, row.behind = "confirmed", work.now, None, False
        activity.confirmed += 1
    await tell(work, activity, RegistrationConfirmed, rows)


async def end(work: Work, activity: Activity, row: Registration, *, status: str) -> None:
    """Take a seat or a place in the line back, and tell so."""
    if row.status == "waitlisted":
        leave_line(activity, row)
    else:
        activity.confirmed -= 1
    row.status, row.ended_at, row.queued, row.behind, row.unconfirmed = status, work.now, None, False, False
    await tell(work, activity, RegistrationCancelled, [row])


def leave_line(activity: Activity, row: Registration) -> None:
    """Count one less who waits."""
    activity.waiting -= 1
    activity.waiting_behind -= row.behind


async def tell(
    work: Work,
    activity: Activity,
    kind: type[RegistrationChange],
    rows: Sequence[Registration],
    place: int | None = None,
) -> None:
    """Publish what became of registrations."""
    await work.session.flush()
    await emit_many(
        work.session, [Outgoing(_message(kind, activity, row, place), row.bump(), work.now) for row in rows]
    )


def window(activity: Activity) -> Window:
    """When one may register for it and give a seat back."""
    return Window(
        starts_at=activity.starts_at,
        opens_at=activity.registration_opens_at,
        closes_at=activity.registration_closes_at,
        cancel_until=activity.cancel_until,
    )


async def _queue(work: Work, activity: Activity, row: Registration) -> None:
    place = place_in_line(waiting=activity.waiting, behind=activity.waiting_behind, stands_behind=row.behind)
    activity.waiting += 1
    activity.waiting_behind += row.behind
    activity.queued += 1
    row.status, row.queued = "waitlisted", activity.queued
    await tell(work, activity, RegistrationWaitlisted, [row], place)


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
    )
