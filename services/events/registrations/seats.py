"""Seats and the line, under the lock of their activity: who has a seat, who waits, and what is told of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from chassis.messaging.outbox import Outgoing
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
from services.events.registrations.rules import (
    TAKEN,
    Clock,
    Window,
    free_seats,
    place_in_line,
)

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


async def give(work: Work, seats: Sequence[tuple[Activity, Registration]]) -> None:
    """Give these a seat, and tell so."""
    for activity, row in seats:
        seat(work, activity, row)
    await tell(work, [Told(RegistrationConfirmed, activity, row) for activity, row in seats])


def seat(work: Work, activity: Activity, row: Registration) -> None:
    """Write down that somebody has a seat."""
    leave_place(activity, row)
    row.sqlmodel_update(_NOWHERE | {"status": "confirmed", "seated_at": work.now})
    activity.confirmed += 1


async def assign_seats(work: Work, activity: Activity, rows: Sequence[Registration]) -> None:
    """Give these a seat that they are expected to take, and tell so."""
    for row in rows:
        leave_place(activity, row)
        row.sqlmodel_update(_NOWHERE | {"status": "assigned", "seated_at": work.now, "ended_at": None})
        row.leave_reason = row.leave_asked_at = row.leave_decided_at = None
        activity.confirmed += 1
    await tell(work, [Told(RegistrationAssigned, activity, row) for row in rows])


async def end(work: Work, ending: Sequence[tuple[Activity, Registration]], *, status: str) -> None:
    """Take seats, offers or places in the line back, and tell so; what was answered goes."""
    for activity, row in ending:
        leave_place(activity, row)
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


def line_up(activity: Activity, row: Registration, *, place: tuple[int, bool] | None = None) -> None:
    """Give somebody the first place in the line, after those who were given it before, or the place that they had."""
    leave_place(activity, row)
    activity.queued += 1
    queued, behind = (_FIRST + activity.queued, False) if place is None else place
    row.sqlmodel_update(_NOWHERE | {"status": "waitlisted", "queued": queued, "behind": behind})
    activity.waiting += 1
    activity.waiting_behind += behind


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


NO_OFFER: Final = {"offer_ends_at": None, "offer_runs_from": None, "offer_told_at": None}
_FIRST: Final = -(2**30)
"""Before everybody who took the last place."""
_NOWHERE: Final = {"queued": None, "behind": False, "awaited": 0, "untold": 0, **NO_OFFER}


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


def leave_place(activity: Activity, row: Registration) -> None:
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
