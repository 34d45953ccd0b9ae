"""Seats and the line, under the lock of their activity: who gets a seat, who is offered one, who waits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, update
from sqlmodel import UTCDateTime, col

from chassis.database.statements import Prepared
from chassis.messaging.outbox import Outgoing
from chassis.timers import schedule_many
from chassis.web.work import Work
from contracts.events import (
    RegistrationAssigned,
    RegistrationCancelled,
    RegistrationChange,
    RegistrationConfirmed,
    RegistrationExcused,
    RegistrationExpired,
    RegistrationOffered,
    RegistrationWaitlisted,
)
from services.events.activities.changing import alike
from services.events.activities.models import Activity
from services.events.deeds.service import deeds
from services.events.registrations.answers import drop
from services.events.registrations.models import Registration
from services.events.registrations.queries import next_in_line, places_of
from services.events.registrations.rules import (
    TAKEN,
    Clock,
    HeldBy,
    Window,
    free_seats,
    is_daytime,
    place_in_line,
)

MOST_SEATED: Final = 500
"""So many get a seat in one transaction; the rest with the next."""
OFFER_OVER: Final = "registration.offer_over"
FILL: Final = "activity.fill"
OFFERS_OVER: Final = "activity.offers_over"
COUNTED: Final = frozenset({"confirmed", "offered", "waiting", "waiting_behind", "queued"})
"""What an activity counts, and"""
WRITTEN: Final = frozenset(
    {"status", "behind", "queued", "short_notice", "unconfirmed", "registered_at", "offer_ends_at", "seated_at"}
    | {"ended_at", "changed_at", "asked", "messages_published"}
    | {"offer_runs_from", "offer_told_at", "awaited", "untold"}
)
"""what changes in its registrations."""

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
        return "offers_out" if free_seats(activity.capacity, activity.confirmed) else None
    if now >= opening.starts_at:
        return "registration_closed"
    if opening.is_short(now):
        return "short_notice"
    if activity.seat_offers == "at_once":
        return None
    if now >= opening.last_offer:
        return "registration_closed"
    return None if is_daytime(now, activity.time_zone) else "night_hours"


async def fill(work: Work, activities: Sequence[Activity], *, but: UUID | None = None) -> None:
    """Give seats that are free to those who wait, or offer them; by the clock once the night is over."""
    wanted = [one for one in activities if _has_room(one, work.now)]
    chances = {one.id: window(one).next_offer(work.now, one.time_zone) for one in wanted if _offers(one, work.now)}
    later = {key: chance for key, chance in chances.items() if chance > work.now}
    await schedule_many(work.session, FILL, later)
    wanted = [one for one in wanted if one.id not in later]
    if not wanted:
        return
    await work.session.flush()
    share = max(1, MOST_SEATED // len(wanted))
    most = {one.id: share if (room := free(one)) is None else min(room, share) for one in wanted}
    short = [one.id for one in wanted if window(one).is_short(work.now)]
    offering = [one.id for one in wanted if _offers(one, work.now)]
    found = await next_in_line(work.session, most, at_short_notice=short, offering=offering, but=but)
    seated = [(one, found[one.id]) for one in wanted if not _offers(one, work.now)]
    await give(work, [(one, row) for one, rows in seated for row in rows])
    await _offer(work, [(one, row) for one in wanted if _offers(one, work.now) for row in found[one.id]])
    more = [one for one in wanted if len(found[one.id]) == share]
    await schedule_many(work.session, FILL, {one.id: work.now for one in more if _has_room(one, work.now)})


def _has_room(activity: Activity, now: datetime) -> bool:
    """Whether a seat is free that somebody who waits can have, now or later."""
    return free(activity) != 0 and activity.waiting > 0 and activity.status == "announced" and now < activity.starts_at


def _offers(activity: Activity, now: datetime) -> bool:
    """Whether a free seat is offered to who is next; else they have it at once."""
    return activity.seat_offers == "timed" and not window(activity).is_short(now)


async def give(work: Work, seats: Sequence[tuple[Activity, Registration]]) -> None:
    """Give these a seat, and tell so."""
    for activity, row in seats:
        seat(work, activity, row)
    await tell(work, [Told(RegistrationConfirmed, activity, row) for activity, row in seats])


def seat(work: Work, activity: Activity, row: Registration) -> None:
    """Write down that somebody has a seat."""
    _leave(activity, row)
    row.sqlmodel_update(_NOWHERE | {"status": "confirmed", "seated_at": work.now})
    activity.confirmed += 1


async def assign_seats(work: Work, activity: Activity, rows: Sequence[Registration]) -> None:
    """Give these a seat that they are expected to take, and tell so."""
    for row in rows:
        _leave(activity, row)
        row.sqlmodel_update(_NOWHERE | {"status": "assigned", "seated_at": work.now, "ended_at": None})
        row.leave_reason = row.leave_asked_at = row.leave_decided_at = None
        activity.confirmed += 1
    await tell(work, [Told(RegistrationAssigned, activity, row) for row in rows])


async def end(work: Work, ending: Sequence[tuple[Activity, Registration]], *, status: str) -> None:
    """Take seats, offers or places in the line back, and tell so; what was answered goes."""
    for activity, row in ending:
        _leave(activity, row)
        row.sqlmodel_update(_NOWHERE | {"status": status, "ended_at": work.now, "unconfirmed": False})
    await drop(work.session, [row for _, row in ending])
    await tell(work, [Told(_ENDED[status], activity, row) for activity, row in ending])


def is_expected(row: Registration) -> bool:
    """Whether somebody counts as missing if they were not there: not who has not said again that they come, nor whose leave nobody has decided about."""
    undecided = row.leave_asked_at is not None and row.leave_decided_at is None
    return row.status in TAKEN and not row.unconfirmed and not undecided


def count_missing(activity: Activity, row: Registration, *, missing: bool) -> None:
    """Say whether somebody with a seat did not come to a completed activity."""
    if missing != (row.no_show_at is not None):
        row.no_show_at = activity.starts_at if missing else None
        activity.no_shows += 1 if missing else -1


def queue(activity: Activity, row: Registration) -> int:
    """Give somebody the last place in the line, or the last of those who do not stand behind the others; which that is."""
    place = place_in_line(waiting=activity.waiting, behind=activity.waiting_behind, stands_behind=row.behind)
    activity.waiting += 1
    activity.waiting_behind += row.behind
    activity.queued += 1
    row.status, row.queued = "waitlisted", activity.queued
    return place


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of a registration."""

    kind: type[RegistrationChange]
    activity: Activity
    row: Registration
    place: int | None = None


async def tell(work: Work, of: Sequence[Told]) -> None:
    """Publish what became of registrations."""
    for one in of:
        one.row.changed_at = work.now
        if one.kind is RegistrationOffered or _is_untold(one):
            one.row.awaited = one.row.messages_published + 1
    alike([one.row for one in of], WRITTEN)
    alike(list({one.activity.id: one.activity for one in of}.values()), COUNTED)
    await work.session.flush()
    messages = [Outgoing(_message(one, work.now), one.row.bump(), work.now) for one in of]
    # Its first message says that somebody registered, the latest what became of it.
    await deeds.tell_in_order(work.session, [("made" if one.version == 1 else "changed", one) for one in messages])


def kept(activity: Activity, row: Registration, now: datetime) -> bool:
    """Whether it is too late to give a seat, an offer or a place in the line back.

    Who was given a seat at once, out of the line, was not asked then: they may give it back until the start, as may those who have none.
    """
    given = activity.seat_offers == "at_once" and row.seated_at is not None and row.seated_at > row.registered_at
    return window(activity).kept(now, always=row.status not in TAKEN or given)


def window(activity: Activity) -> Window:
    """When one may register for it and give a seat back."""
    return Window(
        starts_at=activity.starts_at,
        opens_at=activity.registration_opens_at,
        closes_at=activity.registration_closes_at,
        cancel_until=activity.cancel_until,
    )


_NO_OFFER: Final = {"offer_ends_at": None, "offer_runs_from": None, "offer_told_at": None}
_NOWHERE: Final = {"queued": None, "behind": False, "awaited": 0, "untold": 0, **_NO_OFFER}


def clock_of(row: Any) -> Clock | None:
    """The time of an offer that waits to reach its member, or did; None of one whose time runs from its beginning."""
    if row.status != "offered" or row.offer_runs_from is None or row.offer_ends_at is None:
        return None
    return Clock(row.offer_runs_from, row.offer_ends_at, row.offer_told_at)


def promised(activity: Activity, row: Any, now: datetime) -> datetime | None:
    """Until when somebody is offered a seat, as they are told: it never comes nearer but where the activity does."""
    clock = clock_of(row)
    if clock is None:
        ends_at: datetime | None = row.offer_ends_at
        return ends_at
    return clock.promised(now, time_zone=activity.time_zone, last=window(activity).last_offer)


def is_untold(row: Registration, now: datetime) -> bool:
    """Whether the time of an offer runs though it did not reach them before."""
    clock = clock_of(row)
    return clock is not None and now >= clock.runs_from and not clock.was_told_in_time


async def end_untaken(work: Work, over: Sequence[tuple[Activity, Registration]]) -> None:
    """End offers that nobody took in time: who had not been told in time keeps their place in the line."""
    untold: list[tuple[Activity, Registration]] = []
    for activity, row in over:
        clock = clock_of(row)
        if clock is not None and not clock.was_told_in_time and row.queued is not None:
            untold.append((activity, row))
        else:
            await end(Work(work.session, row.offer_ends_at or work.now), [(activity, row)], status="expired")
    await _stand_in_line_again(work, untold)


async def _stand_in_line_again(work: Work, rows: Sequence[tuple[Activity, Registration]]) -> None:
    if not rows:
        return
    for activity, row in rows:
        _leave(activity, row)
        row.sqlmodel_update(_NO_OFFER | {"status": "waitlisted", "untold": row.untold + 1})
        activity.waiting += 1
        activity.waiting_behind += row.behind
    await work.session.flush()
    places = await places_of(work.session, [row.id for _, row in rows])
    await tell(work, [Told(RegistrationWaitlisted, activity, row, places[row.id]) for activity, row in rows])


async def _offer(work: Work, offers: Sequence[tuple[Activity, Registration]]) -> None:
    for activity, row in offers:
        clock = Clock.begun(work.now, time_zone=activity.time_zone, last=window(activity).last_offer)
        _leave(activity, row)
        row.sqlmodel_update(
            {"status": "offered", "offer_ends_at": clock.ends_at, "offer_runs_from": clock.runs_from}
            | {"offer_told_at": None}
        )
        activity.offered += 1
    await schedule_many(
        work.session, OFFER_OVER, {row.id: row.offer_ends_at for _, row in offers if row.offer_ends_at is not None}
    )
    await tell(work, [Told(RegistrationOffered, activity, row) for activity, row in offers])


async def shorten_offers(work: Work, activities: Sequence[Activity]) -> None:
    """Let no offer last beyond the start or the end of registration, where these are earlier now."""
    last = {one.id: max(window(one).last_offer, work.now) for one in activities if one.offered}
    await work.session.flush()
    await _SHORTENED.run_many(work.session, [{"of": key, "last": last[key]} for key in sorted(last)])
    await schedule_many(work.session, OFFERS_OVER, last)


_LAST: Final = bindparam("last", type_=UTCDateTime())
_SHORTENED: Final[Prepared[Any]] = Prepared(
    update(Registration)
    .where(
        col(Registration.activity_id) == bindparam("of"),
        col(Registration.status) == "offered",
        col(Registration.offer_ends_at) > _LAST,
    )
    .values(offer_ends_at=_LAST)
)


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


def _is_untold(told: Told) -> bool:
    return told.kind is RegistrationWaitlisted and told.row.untold > 0


def _message(told: Told, now: datetime) -> RegistrationChange:
    activity, row = told.activity, told.row
    more = {"untold": True} if _is_untold(told) else {}
    return told.kind(
        **more,
        community_id=row.community_id,
        registration_id=row.id,
        activity_id=activity.id,
        activity_kind=activity.kind,
        starts_at=activity.starts_at,
        member_id=row.member_id,
        position=told.place,
        offer_expires_at=promised(activity, row, now),
    )
