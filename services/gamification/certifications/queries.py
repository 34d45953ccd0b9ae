"""Reading certifications and their runs."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.contributions import Reader, Task, Waiting, task_about
from chassis.database.bulk import among
from chassis.database.listing import Listing
from chassis.database.statements import Prepared, bindparam
from services.gamification.attended.models import ActivityAttendance, AttendedActivity
from services.gamification.base import known
from services.gamification.certifications.models import Certification, CertificationRun
from services.gamification.certifications.rules import Deed, Status

_members, _people, _departments = known.members.c, known.people.c, known.departments.c
_TITLE: Final = {"zh-CN": "完成持证要求：{title}", "en": "Fulfil the certification: {title}"}


def listing(community_id: UUID, *, archived: bool) -> Listing:
    """A community's certifications, the newest first."""
    found = select(Certification).where(col(Certification.community_id) == community_id)
    if not archived:
        found = found.where(col(Certification.archived_at).is_(None))
    return Listing(found, [col(Certification.created_at).desc(), col(Certification.id).desc()])


async def in_use(session: AsyncSession, community_id: UUID) -> int:
    """How many certifications of a community are not archived."""
    found = select(func.count()).where(
        col(Certification.community_id) == community_id, col(Certification.archived_at).is_(None)
    )
    return int((await session.execute(found)).scalar_one())


def runs(*only: ColumnElement[bool], status: Status | None, now: datetime) -> Listing:
    """Runs for which this holds, what is due first in front."""
    done, due, opens = col(CertificationRun.completed_at), col(CertificationRun.due_at), col(CertificationRun.opens_at)
    asked_for, closed = and_(done.is_(None), col(CertificationRun.closed_at).is_(None)), col(CertificationRun.closed_at)
    of: dict[Status, ColumnElement[bool]] = {
        "completed": done.is_not(None),
        "overdue": and_(asked_for, due <= now),
        "open": and_(asked_for, due > now, opens <= now),
        "upcoming": and_(asked_for, opens > now),
        "closed": and_(done.is_(None), closed.is_not(None)),
    }
    found = select(CertificationRun).where(*only, *([of[status]] if status else []))
    return Listing(found, [due.asc(), col(CertificationRun.id).asc()])


async def called(
    session: AsyncSession, community_id: UUID, *, activities: Collection[UUID], series: Collection[UUID]
) -> dict[UUID | None, str]:
    """The titles of a community's activities, and of the latest activity of each of its series, as far as they are known."""
    activity = AttendedActivity.__table__.c  # type: ignore[attr-defined]
    # Somebody may have named an activity of another community, of which they are to learn nothing.
    here = activity.community_id == community_id
    found: dict[UUID | None, str] = {}
    if activities:
        named = select(activity.id, activity.title).where(among(session, activity.id, set(activities)), here)
        found |= {row.id: row.title for row in await session.execute(named)}
    if series:
        latest = (
            select(activity.series_id, func.max(activity.starts_at).label("starts_at"))
            .where(among(session, activity.series_id, set(series)), here)
            .group_by(activity.series_id)
            .subquery()
        )
        of_it = and_(latest.c.series_id == activity.series_id, latest.c.starts_at == activity.starts_at)
        named = select(activity.series_id, activity.title).join(latest, of_it).order_by(activity.id)
        found |= {row.series_id: row.title for row in await session.execute(named)}
    return found


async def titles(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, Any]:
    """What these certifications are called."""
    columns = col(Certification.id), col(Certification.title_zh), col(Certification.title_en)
    found = await session.execute(select(*columns).where(among(session, col(Certification.id), ids))) if ids else ()
    return {row.id: row for row in found}


def asked(session: AsyncSession, one: Certification) -> ColumnElement[bool]:
    """Which active members it is asked of; with what is known of the people behind them."""
    where = and_(_members.community_id == one.community_id, _members.status == "active")
    if one.department_codes:
        where = and_(where, among(session, _people.department_code, one.department_codes))
    if one.job_grades:
        where = and_(where, among(session, _people.job_grade, one.job_grades))
    return where


async def unenrolled(session: AsyncSession, one: Certification, limit: int) -> list[UUID]:
    """Members of whom it is asked and who have no run of it."""
    has = exists().where(
        col(CertificationRun.certification_id) == one.id, col(CertificationRun.member_id) == _members.id
    )
    found = await session.execute(
        select(_members.id)
        .select_from(known.members.outerjoin(known.people, _people.id == _members.person_id))
        .where(asked(session, one), ~has)
        .order_by(_members.id)
        .limit(limit)
    )
    return list(found.scalars())


async def no_longer_asked(session: AsyncSession, one: Certification, limit: int) -> list[UUID]:
    """Runs that members have before them of whom it is not asked any more."""
    still = (
        select(_members.id)
        .select_from(known.members.outerjoin(known.people, _people.id == _members.person_id))
        .where(asked(session, one), _members.id == col(CertificationRun.member_id))
        .correlate(CertificationRun)
    )
    found = await session.execute(
        select(col(CertificationRun.id))
        .where(
            col(CertificationRun.certification_id) == one.id,
            col(CertificationRun.completed_at).is_(None),
            col(CertificationRun.closed_at).is_(None),
            ~still.exists(),
        )
        .order_by(col(CertificationRun.id))
        .limit(limit)
    )
    return list(found.scalars())


async def asked_again(session: AsyncSession, one: Certification, limit: int) -> list[UUID]:
    """Closed runs of members of whom it is asked."""
    found = await session.execute(
        select(col(CertificationRun.id))
        .join(known.members, _members.id == col(CertificationRun.member_id))
        .outerjoin(known.people, _people.id == _members.person_id)
        .where(
            col(CertificationRun.certification_id) == one.id,
            col(CertificationRun.completed_at).is_(None),
            col(CertificationRun.closed_at).is_not(None),
            asked(session, one),
        )
        .order_by(col(CertificationRun.id))
        .limit(limit)
    )
    return list(found.scalars())


async def deeds_of(session: AsyncSession, member_ids: Collection[UUID], since: datetime) -> dict[UUID, list[Deed]]:
    """What these members were at all of since then."""
    found = await session.execute(
        select(
            col(ActivityAttendance.member_id),
            col(ActivityAttendance.id),
            col(AttendedActivity.starts_at),
            col(AttendedActivity.id),
            col(AttendedActivity.series_id),
            col(AttendedActivity.kind),
        )
        .join(AttendedActivity, col(AttendedActivity.id) == col(ActivityAttendance.activity_id))
        .where(
            among(session, col(ActivityAttendance.member_id), member_ids),
            col(ActivityAttendance.revoked).is_(False),
            col(ActivityAttendance.extent) == "full",
            col(AttendedActivity.starts_at) >= since,
        )
    )
    deeds: dict[UUID, list[Deed]] = {}
    for member_id, attendance_id, at, activity_id, series_id, kind in found.all():
        deeds.setdefault(member_id, []).append(Deed(attendance_id, at, activity_id, series_id, kind))
    return deeds


async def cells(session: AsyncSession, one: Certification, now: datetime) -> Sequence[Any]:
    """By department and job grade, how many of whom it is asked hold it, have it outstanding, or are overdue."""
    run = CertificationRun.__table__.c  # type: ignore[attr-defined]
    current = and_(
        run.certification_id == one.id,
        run.member_id == _members.id,
        run.completed_at.is_(None),
        run.closed_at.is_(None),
    )
    late = func.coalesce(run.due_at <= now, False)
    valid = select(run.member_id).where(run.certification_id == one.id, run.valid_until > now).distinct().subquery()
    found = await session.execute(
        select(
            _people.department_code,
            _departments.name,
            _people.job_grade,
            func.count(),
            func.count(valid.c.member_id).filter(~late),
            func.count().filter(late),
        )
        .select_from(
            known.members.outerjoin(known.people, _people.id == _members.person_id)
            .outerjoin(known.departments, _departments.id == _people.department_code)
            .outerjoin(CertificationRun.__table__, current)  # type: ignore[attr-defined]
            .outerjoin(valid, valid.c.member_id == _members.id)
        )
        .where(asked(session, one))
        .group_by(_people.department_code, _departments.name, _people.job_grade)
        .order_by(_people.department_code, _people.job_grade)
    )
    return found.all()


_WAITING: Prepared[Any] = Prepared(
    select(
        col(Certification.id),
        col(Certification.title_zh).label("title"),
        col(Certification.title_en),
        col(CertificationRun.due_at),
        known.communities.c.id.label("community_id"),
        known.communities.c.name.label("community_name"),
    )
    .join(CertificationRun, col(CertificationRun.certification_id) == col(Certification.id))
    .join(known.members, _members.id == col(CertificationRun.member_id))
    .join(known.communities, known.communities.c.id == _members.community_id)
    .where(
        _members.person_id == bindparam("person_id"),
        _members.status == "active",
        known.communities.c.status == "open",
        col(Certification.archived_at).is_(None),
        col(CertificationRun.completed_at).is_(None),
        col(CertificationRun.closed_at).is_(None),
        col(CertificationRun.opens_at) <= bindparam("now"),
    )
    .order_by(col(CertificationRun.due_at), col(CertificationRun.id))
    .limit(100)
)


async def to_fulfil(session: AsyncSession, reader: Reader) -> Sequence[Task]:
    """The certifications that are due for the caller."""
    rows = await _WAITING.all(session, person_id=reader.caller.id, now=reader.now)
    where = "/v1/certifications"
    return [task_about(one, reader, "fulfil_certification", _TITLE, "certification", where, one.due_at) for one in rows]


async def overdue(session: AsyncSession, community_id: UUID, now: datetime, _member_id: UUID | None) -> Waiting:
    """How many active members are overdue, and since when."""
    found = await session.execute(
        select(func.count(), func.min(col(CertificationRun.due_at)))
        .select_from(CertificationRun)
        .join(Certification, col(Certification.id) == col(CertificationRun.certification_id))
        .join(known.members, _members.id == col(CertificationRun.member_id))
        .where(
            col(CertificationRun.community_id) == community_id,
            col(CertificationRun.completed_at).is_(None),
            col(CertificationRun.closed_at).is_(None),
            col(CertificationRun.due_at) <= now,
            col(Certification.archived_at).is_(None),
            _members.status == "active",
        )
    )
    count, oldest = found.one()
    href = f"/v1/certifications/runs?community_id={community_id}&status=overdue"
    return Waiting(count=count, oldest_at=oldest, overdue=count, href=href)
