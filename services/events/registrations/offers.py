"""What becomes of seats that are free: they are given to who is next, or offered, and what nobody took goes on. Under the lock of their activity."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, update
from sqlmodel import UTCDateTime, col

from chassis.database.statements import Prepared
from chassis.timers import schedule_many
from chassis.web.work import Work
from contracts.events import RegistrationOffered, RegistrationWaitlisted
from services.events.activities.models import Activity
from services.events.registrations.models import Registration
from services.events.registrations.queries import next_in_line, places_of
from services.events.registrations.rules import Clock, HeldBy, free_seats, is_daytime
from services.events.registrations.seats import NO_OFFER, Told, clock_of, end, free, give, leave_place, tell, window

MOST_SEATED: Final = 500
"""So many get a seat in one transaction; the rest with the next."""
OFFER_OVER: Final = "registration.offer_over"
FILL: Final = "activity.fill"
OFFERS_OVER: Final = "activity.offers_over"


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
        leave_place(activity, row)
        row.sqlmodel_update(NO_OFFER | {"status": "waitlisted", "untold": row.untold + 1})
        activity.waiting += 1
        activity.waiting_behind += row.behind
    await work.session.flush()
    places = await places_of(work.session, [row.id for _, row in rows])
    await tell(work, [Told(RegistrationWaitlisted, activity, row, places[row.id]) for activity, row in rows])


async def _offer(work: Work, offers: Sequence[tuple[Activity, Registration]]) -> None:
    for activity, row in offers:
        clock = Clock.begun(work.now, time_zone=activity.time_zone, last=window(activity).last_offer)
        leave_place(activity, row)
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
