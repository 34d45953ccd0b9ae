"""Use cases of registrations: taking a seat or a place in the line, and giving it back."""

from dataclasses import dataclass
from uuid import UUID

from chassis.problems import NOT_FOUND, refused
from chassis.web.work import Work
from contracts.events import RegistrationReconfirmed
from services.events.activities.access import SeenActivity, seen_activity
from services.events.activities.eligibility import unmet_by
from services.events.activities.service import refuse
from services.events.registrations.access import own_registration
from services.events.registrations.answers import checked, keep, refusal_to_answer
from services.events.registrations.models import Registration
from services.events.registrations.problems import NOT_ELIGIBLE, OFFER_OVER, REGISTRATION_CLOSED, TOO_LATE_TO_CANCEL
from services.events.registrations.queries import no_shows_of, registration_of
from services.events.registrations.rules import LIVE, NO_SHOWS, REMEMBERED, TAKEN
from services.events.registrations.schemas import AnswersPut, RegistrationCreate
from services.events.registrations.seats import end, fill, give, may_pass, queue, tell, window


@dataclass(frozen=True, slots=True)
class Registered:
    """A registration, its activity, and what the caller is to it; `new` where the request changed something."""

    registration: Registration
    found: SeenActivity
    new: bool = True


async def register(work: Work, body: RegistrationCreate) -> Registered:
    """Give the caller a seat, or the last place in the line. Again, it changes nothing. Raises `REGISTRATION_CLOSED`, `NOT_ELIGIBLE`, and what `checked` raises."""
    found = await seen_activity(work, body.activity_id, lock=True)
    activity, member_id = found.activity, found.standing.member_id
    if member_id is None:
        raise NOT_FOUND()
    row = await registration_of(work.session, activity.id, member_id)
    if row is not None and row.status in LIVE:
        return Registered(row, found, new=False)
    refuse(work, found, "register")
    reason = window(activity).closed(work.now)
    if reason is not None:
        raise REGISTRATION_CLOSED(reason=reason, opens_at=activity.registration_opens_at)
    unmet = (await unmet_by(work.session, [activity], [member_id])).get(activity.id)
    if unmet:
        raise NOT_ELIGIBLE(unmet=unmet)
    answers = await checked(work, activity, body)
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
    row.leave_reason = row.leave_asked_at = row.leave_decided_at = None
    await fill(work, activity)
    if may_pass(activity, work.now):
        await give(work, activity, [row])
    else:
        row.behind = await no_shows_of(work.session, member_id, work.now - REMEMBERED) >= NO_SHOWS
        await queue(work, activity, row)
    await keep(work.session, row, answers)
    return Registered(row, found)


async def cancel(work: Work, key: UUID) -> Registered:
    """Give the caller's seat or place in the line back. Again, it changes nothing. Raises `TOO_LATE_TO_CANCEL`."""
    row, found = await own_registration(work, key, lock=True)
    activity = found.activity
    if row.status not in LIVE:
        return Registered(row, found, new=False)
    if row.status == "assigned":
        raise refused("illegal_transition", state=row.status)
    if row.status in TAKEN and window(activity).kept(work.now):
        raise TOO_LATE_TO_CANCEL(until=activity.cancel_until or activity.starts_at)
    await end(work, activity, row, status="cancelled")
    await fill(work, activity, but=row.id)
    return Registered(row, found)


async def accept(work: Work, key: UUID) -> Registered:
    """Take the seat that the caller is offered. Again, it changes nothing. Raises `OFFER_OVER`."""
    row, found = await own_registration(work, key, lock=True)
    if row.status in TAKEN:
        return Registered(row, found, new=False)
    if row.status != "offered":
        raise refused("illegal_transition", state=row.status)
    if row.offer_ends_at is None or work.now >= row.offer_ends_at:
        raise OFFER_OVER(until=row.offer_ends_at)
    # Who takes a seat now knows when it is.
    row.unconfirmed = False
    await give(work, found.activity, [row])
    return Registered(row, found)


async def confirm(work: Work, key: UUID) -> Registered:
    """Say that the caller still comes after the activity was moved. Again, it changes nothing."""
    row, found = await own_registration(work, key, lock=True)
    if row.status not in LIVE:
        raise refused("illegal_transition", state=row.status)
    if not row.unconfirmed:
        return Registered(row, found, new=False)
    refuse(work, found, "register")
    row.unconfirmed = False
    await tell(work, found.activity, RegistrationReconfirmed, [row])
    return Registered(row, found)


async def answer(work: Work, key: UUID, body: AnswersPut) -> Registered:
    """Answer the present form instead of what the caller answered before, until the start. Raises what `checked` raises."""
    row, found = await own_registration(work, key, lock=True)
    code = refusal_to_answer(work, row, found.activity)
    if code is not None:
        raise refused(code, state=row.status)
    await keep(work.session, row, await checked(work, found.activity, body))
    return Registered(row, found)
