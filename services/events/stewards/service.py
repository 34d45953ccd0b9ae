"""Use cases of stewards: naming them, and what a scan comes to."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import col

from chassis.audit import audit
from chassis.database.context import context_of
from chassis.problems import FORBIDDEN, INVALID, NOT_FOUND
from chassis.projections.members import LEFT_STATUSES, KnownMember, known_member
from chassis.security.permissions import Reach
from chassis.web.work import Work
from services.events.activities.access import SeenActivity, seen_activity
from services.events.activities.models import Activity
from services.events.attendances.models import Attendance
from services.events.attendances.problems import DOORS_CLOSED
from services.events.attendances.queries import Came, came_to, live
from services.events.attendances.rules import DOORS_OPEN, SCANS_TAKEN, doors_are_open
from services.events.attendances.service import refuse_own, seen_again, tell_late, write
from services.events.permissions import ATTENDANCES_SCAN, STEWARDS_WRITE
from services.events.registrations.models import Registration
from services.events.registrations.passes import registration_on
from services.events.registrations.rules import TAKEN
from services.events.stewards import problems
from services.events.stewards.models import Steward
from services.events.stewards.queries import MOST, is_steward, stewards_of
from services.events.stewards.schemas import Result, ScanFields

_WAITS = frozenset({"waitlisted", "offered"})


@dataclass(frozen=True, slots=True)
class Scanned:
    """What a scan came to; whose pass it was, where it is one of this activity."""

    result: Result
    member_id: UUID | None = None
    attendance: Attendance | None = None


async def name_steward(work: Work, activity_id: UUID, member_id: UUID) -> SeenActivity:
    """Let a member scan at the door. Again, it changes nothing."""
    found = await seen_activity(work, activity_id, lock=True, of=STEWARDS_WRITE)
    if (await _member(work, found, member_id)).status in LEFT_STATUSES:
        raise NOT_FOUND()
    named = await stewards_of(work.session, activity_id)
    if member_id in named:
        return found
    if len(named) >= MOST:
        raise INVALID(errors=[problems.TOO_MANY])
    work.session.add(Steward(activity_id=activity_id, member_id=member_id, granted_at=work.now))
    await work.session.flush()
    await audit(
        work.session, work.caller, found.activity, "name_steward", {"member_id": [None, str(member_id)]}, work.now
    )
    return found


async def dismiss_steward(work: Work, activity_id: UUID, member_id: UUID) -> SeenActivity:
    """Let a member no longer scan. Again, it changes nothing."""
    found = await seen_activity(work, activity_id, lock=True, of=STEWARDS_WRITE)
    await _member(work, found, member_id)
    if not await is_steward(work.session, activity_id, member_id):
        return found
    named = (col(Steward.activity_id) == activity_id, col(Steward.member_id) == member_id)
    await work.session.execute(delete(Steward).where(*named))
    await audit(
        work.session, work.caller, found.activity, "dismiss_steward", {"member_id": [str(member_id), None]}, work.now
    )
    return found


async def counts(work: Work, activity_id: UUID) -> tuple[Activity, Came]:
    """The activity, and how many came to it so far. Raises `FORBIDDEN` for who does not scan there."""
    found = await seen_activity(work, activity_id)
    if not await _may_scan(work, found):
        raise FORBIDDEN()
    return found.activity, await came_to(work.session, activity_id)


async def scan(work: Work, activity_id: UUID, body: ScanFields, *, method: str) -> Scanned:
    """Let in whose pass was scanned, when it was. The same scan once more is the same.

    Raises `NO_PASS`, `CONFLICT_OF_INTEREST` for the caller's own pass, `DOORS_CLOSED` for a time at which nobody can come, and what `seen_activity` raises.
    """
    found = await seen_activity(work, activity_id, lock=True)
    activity = found.activity
    if not await _may_scan(work, found):
        raise FORBIDDEN()
    key = registration_on(context_of(work.session).runtime.address_secret, body.pass_)
    row = await work.session.get(Registration, key) if key is not None else None
    if row is None or row.community_id != activity.community_id:
        raise problems.NO_PASS()
    if row.activity_id != activity.id:
        return Scanned("wrong_activity")
    refuse_own(found, row.member_id)
    at = min(body.scanned_at or work.now, work.now)
    came_in_time = doors_are_open(activity.starts_at, activity.ends_at, at)
    if activity.status not in {"announced", "completed"} or not came_in_time or _is_late(work, activity):
        raise DOORS_CLOSED(opens_at=activity.starts_at - DOORS_OPEN)
    present = await live(work.session, activity.id, row.member_id, "attendee")
    if present is not None:
        return await _seen_again(work, activity, present, body, at)
    seated = row.status in TAKEN
    if not seated and row.status not in _WAITS:
        return Scanned("revoked", row.member_id)
    if not seated and not body.walk_in:
        return Scanned("walk_in", row.member_id)
    came = await write(
        work, activity, row.member_id, method=method, walk_in=not seated, at=at, scanned_as=body.client_id
    )
    if activity.status == "completed":
        await tell_late(work, activity, came)
    return Scanned("admitted", row.member_id, came)


def _is_late(work: Work, activity: Activity) -> bool:
    """Whether nobody has scans any more that could not be sent: who was there is then said by who runs it, by hand."""
    return work.now >= activity.ends_at + SCANS_TAKEN


async def _seen_again(work: Work, activity: Activity, present: Attendance, body: ScanFields, at: datetime) -> Scanned:
    """Where one checks out, who is scanned again leaves. The first time is the way in and the last the way out, in whatever order they come."""
    if present.scanned_as == body.client_id:
        return Scanned("admitted", present.member_id, present)
    if activity.check_out == "required":
        present = await seen_again(work, activity, present, at)
    return Scanned("already", present.member_id, present)


async def _member(work: Work, found: SeenActivity, member_id: UUID) -> KnownMember:
    member = await known_member(work.session, member_id)
    if member is None or member.community_id != found.activity.community_id:
        raise NOT_FOUND()
    return member


async def _may_scan(work: Work, found: SeenActivity) -> bool:
    if found.may(ATTENDANCES_SCAN):
        return True
    member_id = found.standing.member_id
    assigned = Reach.ASSIGNED in ATTENDANCES_SCAN.reach(found.standing.columns)
    return assigned and member_id is not None and await is_steward(work.session, found.activity.id, member_id)
