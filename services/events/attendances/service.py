"""Use cases of attendance: checking in, recording by hand, checking out, and taking back what was wrong."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import audit
from chassis.database.context import context_of
from chassis.database.rows import existing
from chassis.messaging.outbox import Outgoing, emit_many
from chassis.problems import CONFLICT_OF_INTEREST, INVALID, NOT_FOUND, refused
from chassis.projections.members import LEFT_STATUSES, known_member
from chassis.web.work import Work
from contracts.events import AttendanceRecorded, AttendanceRevoked
from services.events.activities.access import SeenActivity, seen_activity
from services.events.activities.models import Activity
from services.events.attendances import problems
from services.events.attendances.codes import door_on
from services.events.attendances.models import Attendance
from services.events.attendances.occasions import Asked, Corrected, attendance_corrected, seat_asked
from services.events.attendances.queries import at_door, attended, live, there, was_there
from services.events.attendances.rules import DOORS_OPEN, came_by_hand, doors_are_open, extent_of, there_from_to
from services.events.attendances.schemas import AttendanceRecord, CheckIn
from services.events.permissions import ATTENDANCES_MANAGE


@dataclass(frozen=True, slots=True)
class Attended:
    """An attendance and its activity; `new` where the request changed something."""

    attendance: Attendance
    found: SeenActivity
    new: bool = True


async def check_in(work: Work, body: CheckIn) -> Attended:
    """Record that the caller is at the door of an activity. Again, it changes nothing; where one checks out, that does it.

    Raises `NOT_AT_THE_DOOR`, `DOORS_CLOSED`, and `NOT_REGISTERED` for who has no seat and does not know it.
    """
    door = door_on(context_of(work.session).runtime.address_secret, body.ticket, work.now)
    activity_id = await at_door(work.session, door) if door is not None else None
    if activity_id is None:
        raise problems.NOT_AT_THE_DOOR()
    found = await seen_activity(work, activity_id, lock=True)
    activity, member_id = found.activity, found.standing.member_id
    if member_id is None:
        raise NOT_FOUND()
    if activity.status != "announced" or not doors_are_open(activity.starts_at, activity.ends_at, work.now):
        raise problems.DOORS_CLOSED(opens_at=activity.starts_at - DOORS_OPEN)
    present = await live(work.session, activity.id, member_id, "attendee")
    if present is not None:
        return Attended(present, found, new=False)
    seated = await _is_seated(work, activity, member_id)
    if not seated and not body.walk_in:
        raise problems.NOT_REGISTERED()
    return Attended(await write(work, activity, member_id, method="code", walk_in=not seated, at=work.now), found)


async def seen_attendance(work: Work, key: UUID) -> Attended:
    """An attendance that the caller may see: their own, or one at an activity that they run."""
    row = await existing(work.session, Attendance, key)
    found = await seen_activity(work, row.activity_id)
    if row.member_id != found.standing.member_id and not found.may(ATTENDANCES_MANAGE):
        raise NOT_FOUND()
    return Attended(row, found, new=False)


async def check_out(work: Work, key: UUID) -> Attended:
    """Record that the caller leaves. Again, it changes nothing: who comes back stays until the last time they leave."""
    noted = await existing(work.session, Attendance, key)
    found = await seen_activity(work, noted.activity_id, lock=True)
    row = await existing(work.session, Attendance, key, lock=True)
    if row.member_id != found.standing.member_id:
        raise NOT_FOUND()
    if found.activity.check_out == "none" or row.revoked_at is not None or row.told_at is not None:
        raise refused("illegal_transition", state=found.activity.status)
    row.out_at = work.now
    return Attended(row, found)


async def record(work: Work, body: AttendanceRecord) -> Attended:
    """Record that somebody else was there. Recorded already, it changes nothing."""
    found = await seen_activity(work, body.activity_id, lock=True, of=ATTENDANCES_MANAGE)
    refuse_own(found, body.member_id)
    activity = found.activity
    if activity.status not in {"announced", "completed"} or work.now < activity.starts_at - DOORS_OPEN:
        raise problems.DOORS_CLOSED(opens_at=activity.starts_at - DOORS_OPEN)
    at = body.at or came_by_hand(activity.starts_at, activity.ends_at, work.now)
    if not (activity.starts_at - DOORS_OPEN <= at <= activity.ends_at) or at > work.now:
        raise INVALID(errors=[problems.OUTSIDE])
    if body.until is not None and not (at < body.until <= min(activity.ends_at, work.now)):
        raise INVALID(errors=[problems.UNTIL_OUTSIDE])
    member = await known_member(work.session, body.member_id)
    if member is None or member.community_id != activity.community_id or member.status in LEFT_STATUSES:
        raise INVALID(errors=[problems.NO_MEMBER])
    present = await live(work.session, activity.id, member.id, body.role)
    if present is not None:
        return Attended(present, found, new=False)
    seated = await _is_seated(work, activity, member.id)
    walk_in = not seated and body.role == "attendee"
    row = await write(work, activity, member.id, method="hand", walk_in=walk_in, at=at, role=body.role)
    row.out_at = body.until
    await audit(
        work.session, work.caller, activity, "record_attendance", {"member_id": [None, str(member.id)]}, work.now
    )
    if activity.status == "completed":
        await tell_late(work, activity, row)
    return Attended(row, found)


async def revoke(work: Work, key: UUID) -> Attended:
    """Say that somebody else was not there after all. Again, it changes nothing."""
    noted = await existing(work.session, Attendance, key)
    found = await seen_activity(work, noted.activity_id, lock=True, of=ATTENDANCES_MANAGE)
    refuse_own(found, noted.member_id)
    row = await existing(work.session, Attendance, key, lock=True)
    if row.revoked_at is not None:
        return Attended(row, found, new=False)
    await take_back(work, found.activity, row)
    changes: dict[str, list[object]] = {"member_id": [str(row.member_id), None]}
    await audit(work.session, work.caller, found.activity, "revoke_attendance", changes, work.now)
    return Attended(row, found)


def refuse_own(found: SeenActivity, member_id: UUID) -> None:
    """Nobody says of themselves that they were there, or not: they check in as others do."""
    if member_id == found.standing.member_id:
        raise CONFLICT_OF_INTEREST()


async def take_back(work: Work, activity: Activity, row: Attendance) -> None:
    """Revoke an attendance at a locked activity, and tell of it where somebody was told of the attendance."""
    await _take_back(work, [row])
    if activity.status == "completed":
        await _count_again(work, activity, row)


async def seen_again(work: Work, activity: Activity, row: Attendance, at: datetime) -> Attendance:
    """Say that somebody was at the door of a locked activity once more. What was told already is revoked, and recorded anew."""
    in_at, out_at = there_from_to(row.in_at, row.out_at, at)
    if (in_at, out_at) == (row.in_at, row.out_at):
        return row
    if row.told_at is None:
        row.in_at, row.out_at = in_at, out_at
        return row
    right = Attendance(**row.model_dump(include=_SAME), in_at=in_at, out_at=out_at)
    await apply_list(work, activity, [right], [row])
    return right


_SAME: Final = {"community_id", "activity_id", "member_id", "role", "method", "walk_in", "scanned_as"}


async def apply_list(work: Work, activity: Activity, new: Sequence[Attendance], wrong: Sequence[Attendance]) -> None:
    """Record what a list says at a locked activity, and revoke what is wrong by it. What counts is as of the completion."""
    ids = {row.member_id for row in (*new, *wrong)}
    before = await there(work.session, activity.id, ids)
    await _take_back(work, wrong)
    # What was wrong is out of the way before what is right takes its place.
    await work.session.flush()
    work.session.add_all(new)
    if activity.completed_at is None:
        return
    await tell(work.session, activity, new, activity.completed_at)
    after = await there(work.session, activity.id, ids)
    activity.attended += len(after) - len(before)
    await attendance_corrected.happened(work.session, Corrected(activity, {one: one in after for one in ids}))


async def _take_back(work: Work, rows: Sequence[Attendance]) -> None:
    """They were not there; who was told that they were is told."""
    messages = []
    for row in rows:
        row.revoked_at = work.now
        if row.told_at is not None:
            messages.append(Outgoing(AttendanceRevoked(**who(row)), row.bump(), work.now))
            row.revoked_as = messages[-1].id
    await work.session.flush()
    await emit_many(work.session, messages)


async def tell_late(work: Work, activity: Activity, row: Attendance) -> None:
    """Tell of an attendance that was written after its activity was completed: they did come."""
    await tell(work.session, activity, [row], work.now)
    await _count_again(work, activity, row)


async def _is_seated(work: Work, activity: Activity, member_id: UUID) -> bool:
    return any(await seat_asked.happened(work.session, Asked(activity.id, [member_id])))


async def _count_again(work: Work, activity: Activity, row: Attendance) -> None:
    await work.session.flush()
    activity.attended = await attended(work.session, activity.id)
    there = await was_there(work.session, activity.id, row.member_id)
    await attendance_corrected.happened(work.session, Corrected(activity, {row.member_id: there}))


async def tell(session: AsyncSession, activity: Activity, rows: Sequence[Attendance], at: datetime) -> None:
    """Say what attendances at a completed activity come to, and tell so."""
    for row in rows:
        row.extent, row.minutes = extent_of(
            role=row.role,
            check_out=activity.check_out,
            starts_at=activity.starts_at,
            ends_at=activity.ends_at,
            in_at=row.in_at,
            out_at=row.out_at,
        )
        row.told_at = at
    messages = [
        Outgoing(message_of(row, activity.kind, activity.hours, activity.starts_at), row.bump(), at) for row in rows
    ]
    for row, message in zip(rows, messages, strict=True):
        row.told_as = message.id
    await session.flush()
    await emit_many(session, messages)


def message_of(row: Attendance, kind: str, hours: float | None, starts_at: datetime) -> AttendanceRecorded:
    """What is told of an attendance whose extent is known."""
    return AttendanceRecorded(
        **who(row),
        activity_kind=kind,
        role=row.role,
        extent=row.extent or "full",
        minutes=row.minutes or 0,
        hours=hours if row.extent == "full" else None,
        method=row.method,
        walk_in=row.walk_in,
        starts_at=starts_at,
    )


def who(row: Attendance) -> dict[str, Any]:
    """Who was at what."""
    return {
        "community_id": row.community_id,
        "attendance_id": row.id,
        "activity_id": row.activity_id,
        "member_id": row.member_id,
    }


async def write(
    work: Work,
    activity: Activity,
    member_id: UUID,
    *,
    method: str,
    walk_in: bool,
    at: datetime,
    role: str = "attendee",
    scanned_as: UUID | None = None,
) -> Attendance:
    """Write down that somebody was at a locked activity, where they are not there yet."""
    row = Attendance(
        community_id=activity.community_id,
        activity_id=activity.id,
        member_id=member_id,
        role=role,
        method=method,
        walk_in=walk_in,
        in_at=at,
        scanned_as=scanned_as,
    )
    work.session.add(row)
    await work.session.flush()
    return row
