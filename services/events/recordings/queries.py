"""Reading who agreed to a recording: silence is no consent."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, union
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import Prepared, bindparam
from services.events.activities.models import Activity, Speaker
from services.events.activities.occasions import RecordingAsked
from services.events.attendances.models import Attendance
from services.events.base import known
from services.events.recordings.models import RecordingConsent

_members = known.members.c


def _counted() -> Any:
    """Those who could be seen or heard: who spoke and who was there, each once, with what they said."""
    came: Any = select(col(Attendance.member_id).label("who")).where(
        col(Attendance.activity_id) == bindparam("activity_id"), col(Attendance.revoked_at).is_(None)
    )
    spoke = (
        select(func.coalesce(_members.id, col(Speaker.id)).label("who"))
        .select_from(Speaker)
        .outerjoin(
            known.members,
            and_(_members.person_id == col(Speaker.person_id), _members.community_id == col(Speaker.community_id)),
        )
        .where(col(Speaker.activity_id) == bindparam("activity_id"), col(Speaker.withdrawn_at).is_(None))
    )
    asked = union(came, spoke).subquery()
    said = and_(col(RecordingConsent.activity_id) == bindparam("activity_id"), col(RecordingConsent.who) == asked.c.who)
    given = col(RecordingConsent.given)
    return (
        select(
            func.count().label("asked"),
            func.count().filter(given.is_(True)).label("given"),
            func.count().filter(given.is_(False)).label("refused"),
        )
        .select_from(asked)
        .outerjoin(RecordingConsent, said)
    )


_COUNTED: Prepared[Any] = Prepared(_counted())


@dataclass(frozen=True, slots=True)
class Counted:
    """How many could be seen or heard in a recording, and what they said."""

    asked: int
    given: int
    refused: int

    @property
    def by_all(self) -> bool:
        """Whether everybody agreed."""
        return self.asked == self.given


async def counted(session: AsyncSession, activity_id: UUID) -> Counted:
    """What those say who could be seen or heard in a recording."""
    row = (await _COUNTED.all(session, activity_id=activity_id))[0]
    return Counted(row.asked, row.given, row.refused)


async def is_cleared(session: AsyncSession, asked: RecordingAsked) -> bool:
    """Whether the recording of an activity may be shown."""
    activity: Activity = asked.activity
    return activity.recording_consent and (await counted(session, activity.id)).by_all


async def said_by(session: AsyncSession, activity_id: UUID, who: UUID) -> RecordingConsent | None:
    """What somebody said last."""
    return await session.get(RecordingConsent, (activity_id, who))
