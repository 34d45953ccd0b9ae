"""Who speaks at an activity was there: recorded when it is completed, and taken back with the invitation."""

from typing import Any
from uuid import UUID

from sqlmodel import col, select

from chassis.database.bulk import insert_many
from chassis.database.statements import Prepared, bindparam
from chassis.ids import new_id
from chassis.web.work import Work
from services.events.activities.models import Activity, Speaker
from services.events.activities.speaking import Speaking, speakers_of
from services.events.attendances.models import Attendance
from services.events.attendances.queries import live
from services.events.attendances.service import take_back, tell_late, write
from services.events.base import known

_members = known.members.c
_SAID: Prepared[UUID] = Prepared(
    select(col(Attendance.member_id))
    .join(known.members, _members.id == col(Attendance.member_id))
    .join(
        Speaker,
        (col(Speaker.activity_id) == col(Attendance.activity_id)) & (col(Speaker.person_id) == _members.person_id),
    )
    .where(
        col(Attendance.activity_id) == bindparam("activity_id"),
        col(Attendance.role) == "speaker",
        col(Speaker.withdrawn_at).is_(None),
        col(Attendance.revoked_at).is_(None) | (col(Attendance.revoked_at) >= col(Speaker.invited_at)),
    )
)
"""The speakers of whom somebody said whether they were there: what was revoked before they were invited again says nothing."""


async def record_speakers(work: Work, activity: Activity) -> None:
    """Record that the members who speak at a locked activity were there, unless somebody said otherwise."""
    said = set(await _SAID.all(work.session, activity_id=activity.id))
    speakers = (await speakers_of(work.session, [activity.id]))[activity.id]
    here = {one.member_id for one in speakers if one.here and one.member_id is not None}
    rows: list[dict[str, Any]] = [
        Attendance(
            id=new_id(),
            community_id=activity.community_id,
            activity_id=activity.id,
            member_id=member_id,
            role="speaker",
            method="hand",
            in_at=activity.starts_at,
            out_at=activity.ends_at,
        ).model_dump()
        for member_id in sorted(here - said)
    ]
    await insert_many(work.session, Attendance.__table__, rows)  # type: ignore[attr-defined]


async def record_late(work: Work, activity: Activity, speaking: Speaking) -> None:
    """Record that somebody who is named only after a locked activity was completed spoke there, and tell of it."""
    if not speaking.here or speaking.member_id is None:
        return
    if await live(work.session, activity.id, speaking.member_id, "speaker") is not None:
        return
    row = await write(
        work, activity, speaking.member_id, method="hand", walk_in=False, at=activity.starts_at, role="speaker"
    )
    row.out_at = activity.ends_at
    await tell_late(work, activity, row)


async def take_back_speaking(work: Work, activity: Activity, member_id: UUID) -> None:
    """Revoke that a member spoke at a locked activity, where it was recorded."""
    row = await live(work.session, activity.id, member_id, "speaker")
    if row is not None:
        await take_back(work, activity, row)
