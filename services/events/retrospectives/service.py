"""Use cases of retrospectives: they fall due, and are written."""

from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import audit
from chassis.problems import FORBIDDEN
from chassis.projections.workdays import work_calendar
from chassis.web.etags import require_match
from chassis.web.patches import changed_by
from chassis.web.work import Work
from chassis.working_time import due_after
from services.events.activities.access import standing_in
from services.events.activities.occasions import Turned
from services.events.permissions import RETROSPECTIVES_WRITE
from services.events.retrospectives.access import SeenRetrospective, seen_retrospective, writes_all
from services.events.retrospectives.models import Retrospective
from services.events.retrospectives.queries import of_month
from services.events.retrospectives.schemas import RetrospectiveCreate, RetrospectivePatch

WORKDAYS_TO_WRITE = 5


async def follow_turned(session: AsyncSession, turned: Turned) -> None:
    """Five working days after an activity is completed its retrospective is due. Of a meeting there are minutes."""
    held = [one for one in turned.activities if one.kind != "meeting"]
    if turned.how != "completed" or not held:
        return
    calendar = await work_calendar(session)
    for activity in held:
        due_at = due_after(
            turned.work.now, WORKDAYS_TO_WRITE, time_zone=activity.time_zone, is_workday=calendar.is_workday
        )
        session.add(
            Retrospective(
                community_id=activity.community_id, activity_id=activity.id, due_at=due_at, created_at=turned.work.now
            )
        )
    await session.flush()


async def due_for_month(work: Work, community_id: UUID, month: str, *, time_zone: str) -> tuple[Retrospective, bool]:
    """The retrospective of a community's month, due five working days from now where there was none; whether it is new."""
    present = await of_month(work.session, community_id, month)
    if present is not None:
        return present, False
    calendar = await work_calendar(work.session)
    due_at = due_after(work.now, WORKDAYS_TO_WRITE, time_zone=time_zone, is_workday=calendar.is_workday)
    row = Retrospective(community_id=community_id, month=month, due_at=due_at, created_at=work.now)
    work.session.add(row)
    await work.session.flush()
    return row, True


async def look_back(work: Work, body: RetrospectiveCreate) -> tuple[SeenRetrospective, bool]:
    """Have a community look back at a month; whether it had not before."""
    standing = await standing_in(work, body.community_id, RETROSPECTIVES_WRITE)
    if not writes_all(standing):
        raise FORBIDDEN()
    row, new = await due_for_month(work, body.community_id, body.month, time_zone=standing.community.time_zone)
    if new:
        await audit(work.session, work.caller, row, "create", {"month": [None, body.month]}, work.now)
    return SeenRetrospective(row, standing), new


async def write(work: Work, key: UUID, body: RetrospectivePatch, if_match: int) -> SeenRetrospective:
    """Write what is kept, what is to change, what was learned. It is written once all three are."""
    seen = await seen_retrospective(work, key, lock=True)
    row = seen.retrospective
    require_match(row.version, if_match)
    changes = changed_by(body.model_dump(include=body.model_fields_set), row)
    if not changes:
        return seen
    row.sqlmodel_update({name: after for name, (_, after) in changes.items()})
    row.sqlmodel_update({"version": row.version + 1, "writer_ids": _with(row.writer_ids, seen.standing.member_id)})
    row.written_at = _written_at(row, work.now)
    await audit(work.session, work.caller, row, "write", {"fields": [None, sorted(changes)]}, work.now)
    return seen


def _with(writers: list[str], member_id: UUID | None) -> list[str]:
    return writers if member_id is None or str(member_id) in writers else [*writers, str(member_id)]


def _written_at(row: Retrospective, now: datetime) -> datetime | None:
    return (row.written_at or now) if row.is_whole else None
