"""Use cases of registrations: taking a seat or a place in the line, and giving it back."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from chassis.problems import NOT_FOUND, Problem, refused
from chassis.web.work import Work
from contracts.events import RegistrationConfirmed, RegistrationReconfirmed, RegistrationWaitlisted
from services.events.activities.access import SeenActivity, seen_activity
from services.events.activities.eligibility import unmet_by
from services.events.activities.models import Activity
from services.events.activities.problems import not_now
from services.events.activities.service import refuse
from services.events.registrations.access import own_registration
from services.events.registrations.answers import checked, keep, refusal_to_answer
from services.events.registrations.models import Registration
from services.events.registrations.offers import fill
from services.events.registrations.problems import (
    FORM_TO_ANSWER,
    NOT_ELIGIBLE,
    OFFER_OVER,
    REGISTRATION_CLOSED,
    TOO_LATE_TO_CANCEL,
)
from services.events.registrations.queries import no_shows_of, of_member
from services.events.registrations.rules import LIVE, NO_SHOWS, REMEMBERED, TAKEN
from services.events.registrations.schemas import AnswersPut, RegistrationCreate
from services.events.registrations.seats import Told, end, give, kept, may_pass, queue, seat, tell, window


@dataclass(frozen=True, slots=True)
class Registered:
    """A registration, its activity, and what the caller is to it; `new` where the request changed something."""

    registration: Registration
    found: SeenActivity
    new: bool = True


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a member's wish for one of several activities: `row` is their registration there, `refused` why nothing was done."""

    activity: Activity
    row: Registration | None
    new: bool = False
    refused: Problem | None = None


async def register(work: Work, body: RegistrationCreate) -> Registered:
    """Give the caller a seat, or the last place in the line. Again, it changes nothing. Raises `REGISTRATION_CLOSED`, `NOT_ELIGIBLE`, and what `checked` raises."""
    found = await seen_activity(work, body.activity_id, lock=True)
    if found.standing.member_id is None:
        raise NOT_FOUND()
    wanted = [found.activity]
    [one] = await enter(work, wanted, found.standing.member_id, short_notice=body.short_notice, answers=body)
    return _done(one, found)


async def enter(
    work: Work,
    activities: Sequence[Activity],
    member_id: UUID,
    *,
    short_notice: bool,
    answers: AnswersPut | None = None,
) -> list[Outcome]:
    """Give a member a seat at each of these locked activities, or the last place in its line. Who is registered stays so.

    `answers` are those to the form of one activity; without them, what asks something is refused. Raises what `checked` raises.
    """
    present = await of_member(work.session, member_id, [one.id for one in activities])
    unmet = await unmet_by(work.session, activities, [member_id])
    outcomes = [
        _may_enter(work, one, present.get(one.id), unmet.get(one.id, ()), by_itself=answers is not None)
        for one in activities
    ]
    if short_notice:
        await _come_at_short_notice(work, outcomes)
    wanted = [one.activity for one in outcomes if one.new]
    if not wanted:
        return outcomes
    kept = [await checked(work, one, answers) for one in wanted] if answers is not None else []
    await fill(work, wanted)
    full = any(not may_pass(one, work.now) for one in wanted)
    behind = full and await no_shows_of(work.session, member_id, work.now - REMEMBERED) >= NO_SHOWS
    told = []
    for activity in wanted:
        row = present.get(activity.id) or _new_row(work, activity, member_id)
        present[activity.id] = row
        row.short_notice, row.registered_at, row.ended_at = short_notice, work.now, None
        row.unconfirmed, row.asked = False, activity.asked
        row.leave_reason = row.leave_asked_at = row.leave_decided_at = None
        if may_pass(activity, work.now):
            seat(work, activity, row)
            told.append(Told(RegistrationConfirmed, activity, row))
        else:
            row.behind = behind
            told.append(Told(RegistrationWaitlisted, activity, row, queue(activity, row)))
    await tell(work, told)
    for one, given in zip(wanted, kept, strict=False):
        await keep(work.session, present[one.id], given)
    return [replace(one, row=present[one.activity.id]) if one.new else one for one in outcomes]


def _may_enter(
    work: Work, activity: Activity, row: Registration | None, unmet: Sequence[str], *, by_itself: bool
) -> Outcome:
    if row is not None and row.status in LIVE:
        return Outcome(activity, row)
    over = not_now(activity, "register", work.now)
    if over is not None:
        return Outcome(activity, row, refused=over)
    reason = window(activity).closed(work.now)
    if reason is not None:
        closed = REGISTRATION_CLOSED(reason=reason, opens_at=activity.registration_opens_at)
        return Outcome(activity, row, refused=closed)
    if unmet:
        return Outcome(activity, row, refused=NOT_ELIGIBLE(unmet=unmet))
    if activity.form_version is not None and not by_itself:
        return Outcome(activity, row, refused=FORM_TO_ANSWER())
    return Outcome(activity, row, new=True)


async def _come_at_short_notice(work: Work, outcomes: Sequence[Outcome]) -> None:
    """Who waits already says only now that they also come at short notice, and keeps their place; what is free then is theirs."""
    said = []
    for one in outcomes:
        if one.row is not None and one.row.status == "waitlisted" and not one.row.short_notice:
            one.row.short_notice = True
            one.row.untold = 0
            said.append(one.activity)
    if said:
        await fill(work, said)


def _new_row(work: Work, activity: Activity, member_id: UUID) -> Registration:
    row = Registration(
        community_id=activity.community_id,
        activity_id=activity.id,
        member_id=member_id,
        status="cancelled",
        registered_at=work.now,
    )
    work.session.add(row)
    return row


async def cancel(work: Work, key: UUID) -> Registered:
    """Give the caller's seat or place in the line back. Again, it changes nothing. Raises `TOO_LATE_TO_CANCEL`."""
    row, found = await own_registration(work, key, lock=True)
    [one] = await give_back(work, [(found.activity, row)])
    return _done(one, found)


async def give_back(work: Work, held: Sequence[tuple[Activity, Registration]]) -> list[Outcome]:
    """Give seats and places in lines of locked activities back. Where there is none any more, nothing changes."""
    outcomes = [_may_leave(work, activity, row) for activity, row in held]
    ending = [(one.activity, one.row) for one in outcomes if one.new and one.row is not None]
    if ending:
        await end(work, ending, status="cancelled")
        await fill(work, [activity for activity, _ in ending])
    return outcomes


def _may_leave(work: Work, activity: Activity, row: Registration) -> Outcome:
    if row.status not in LIVE:
        return Outcome(activity, row)
    if row.status == "assigned":
        return Outcome(activity, row, refused=refused("illegal_transition", state=row.status))
    if kept(activity, row, work.now):
        late = TOO_LATE_TO_CANCEL(until=activity.cancel_until or activity.starts_at)
        return Outcome(activity, row, refused=late)
    return Outcome(activity, row, new=True)


def _done(one: Outcome, found: SeenActivity) -> Registered:
    if one.refused is not None or one.row is None:
        raise one.refused or NOT_FOUND()
    return Registered(one.row, found, new=one.new)


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
    await give(work, [(found.activity, row)])
    return Registered(row, found)


async def confirm(work: Work, key: UUID) -> Registered:
    """Say that the caller still comes after the activity was moved. Again, it changes nothing."""
    row, found = await own_registration(work, key, lock=True)
    if row.status not in LIVE:
        raise refused("illegal_transition", state=row.status)
    if not row.unconfirmed:
        return Registered(row, found, new=False)
    refuse(work, found, "register")
    row.unconfirmed, row.untold = False, 0
    await tell(work, [Told(RegistrationReconfirmed, found.activity, row)])
    return Registered(row, found)


async def answer(work: Work, key: UUID, body: AnswersPut) -> Registered:
    """Answer the present form instead of what the caller answered before, until the start. Raises what `checked` raises."""
    row, found = await own_registration(work, key, lock=True)
    code = refusal_to_answer(work, row, found.activity)
    if code is not None:
        raise refused(code, state=row.status)
    await keep(work.session, row, await checked(work, found.activity, body))
    return Registered(row, found)
