"""Use cases of assigned registrations: members who are expected, who cannot come and ask for leave, and what becomes of that."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from chassis.audit import audit
from chassis.problems import CONFLICT_OF_INTEREST, INVALID, refused
from chassis.projections.members import LEFT_STATUSES
from chassis.web.work import Work
from contracts.events import RegistrationLeaveAsked
from services.events.activities.access import SeenActivity, seen_activity
from services.events.activities.problems import not_now
from services.events.activities.queries import statuses_of
from services.events.activities.schemas import ReasonGiven
from services.events.attendances.queries import was_there
from services.events.penalties.service import spared_of
from services.events.permissions import REGISTRATIONS_ASSIGN, REGISTRATIONS_EXCUSE
from services.events.registrations import problems
from services.events.registrations.access import locked_registration, own_registration
from services.events.registrations.models import Registration
from services.events.registrations.offers import fill
from services.events.registrations.queries import registrations_of
from services.events.registrations.rules import LIVE
from services.events.registrations.schemas import AssignCreate, LeaveDecide
from services.events.registrations.seats import Told, assign_seats, count_missing, end, is_expected, tell
from services.events.registrations.service import Registered

LEAVE_UNTIL: Final = timedelta(days=7)
"""So long after the end of an activity one can still ask for leave."""


async def assign(work: Work, body: AssignCreate) -> SeenActivity:
    """Expect members at an activity, beyond its capacity if need be. Who has a seat keeps it, and is assigned."""
    found = await seen_activity(work, body.activity_id, lock=True, of=REGISTRATIONS_ASSIGN)
    activity = found.activity
    problem = not_now(activity, "register", work.now)
    if problem is not None:
        raise problem
    statuses = await statuses_of(work.session, activity.community_id, body.member_ids)
    if any(statuses.get(one, "left") in LEFT_STATUSES for one in body.member_ids):
        raise INVALID(errors=[problems.NO_MEMBER])
    present = await registrations_of(work.session, activity.id, body.member_ids)
    rows = []
    for member_id in sorted(body.member_ids):
        row = present.get(member_id)
        if row is None:
            row = Registration(
                community_id=activity.community_id,
                activity_id=activity.id,
                member_id=member_id,
                status="cancelled",
                registered_at=work.now,
            )
            work.session.add(row)
        if row.status not in LIVE:
            row.asked = activity.asked
        if row.status != "assigned":
            rows.append(row)
    await assign_seats(work, activity, rows)
    changes: dict[str, list[object]] = {"assigned": [None, [str(row.member_id) for row in rows]]}
    await audit(work.session, work.caller, activity, "assign", changes, work.now)
    return found


async def ask_leave(work: Work, key: UUID, body: ReasonGiven) -> Registered:
    """Ask not to come, or not to have come; until it is decided nobody counts as missing. Again, the reason is another."""
    row, found = await own_registration(work, key, lock=True)
    if row.status != "assigned" or work.now >= found.activity.ends_at + LEAVE_UNTIL or row.leave_decided_at is not None:
        raise refused("illegal_transition", state=row.status)
    asked_before, row.leave_reason = row.leave_asked_at is not None, body.reason
    if not asked_before:
        row.leave_asked_at = work.now
        count_missing(found.activity, row, missing=False)
        await tell(work, [Told(RegistrationLeaveAsked, found.activity, row)])
    return Registered(row, found)


async def decide_leave(work: Work, key: UUID, body: LeaveDecide) -> Registered:
    """Excuse a member who asked, or do not. Nobody decides about themselves."""
    row, found = await locked_registration(work, key, of=REGISTRATIONS_EXCUSE)
    activity = found.activity
    if row.member_id == found.standing.member_id:
        raise CONFLICT_OF_INTEREST()
    if row.status != "assigned" or row.leave_asked_at is None or row.leave_decided_at is not None:
        raise refused("illegal_transition", state=row.status)
    row.leave_decided_at = work.now
    if body.excused:
        await end(work, [(activity, row)], status="excused")
        await fill(work, [activity], but=row.id)
    elif activity.status == "completed":
        there = await was_there(work.session, activity.id, row.member_id)
        spared = await spared_of(work.session, [row.member_id], (activity.starts_at, activity.ends_at))
        count_missing(activity, row, missing=is_expected(row) and not there and not spared)
    changes: dict[str, list[object]] = {"excused": [None, body.excused]}
    await audit(work.session, work.caller, activity, "decide_leave", changes, work.now)
    return Registered(row, found)
