"""Certificates that follow by themselves: from being at an activity for all of it, from reaching a level.

Only from what happens once there is the template: an import of history, or what is told again, gives nobody a certificate. What was
before has them on request.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import ColumnElement, and_, or_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import among
from chassis.days import local_day
from chassis.projections.communities import known_communities
from chassis.security.authority import CommunityFacts
from services.gamification.attended.models import ActivityAttendance, AttendedActivity
from services.gamification.attended.occasions import AttendancesTold
from services.gamification.certificates import ending, queries
from services.gamification.certificates.issuing import Earned, issue
from services.gamification.certificates.models import CertificateTemplate
from services.gamification.levels.occasions import LevelsReached

FULL = "full"
ATTENDEE = "attendee"


async def award_attendances(session: AsyncSession, told: AttendancesTold) -> None:
    """Give who was there for all of it what templates promise, and take it back from who was not after all.

    A certificate that rests on an attendance falls with it: it would say what is not so. Recorded again, it is another one.
    """
    templates = await _templates(session, told.community_ids, "activity")
    if not templates:
        return
    void = await session.execute(
        select(col(ActivityAttendance.id)).where(
            among(session, col(ActivityAttendance.id), told.attendance_ids),
            or_(col(ActivityAttendance.revoked), col(ActivityAttendance.extent) != FULL),
        )
    )
    if gone := list(void.scalars()):
        undone = await ending.of_source(session, gone)
        await ending.revoke(session, undone, code="attendance_revoked", now=told.now)
    fresh = col(CertificateTemplate.created_at) <= col(ActivityAttendance.at)
    rows = await attended(session, templates, among(session, col(ActivityAttendance.id), told.attendance_ids), fresh)
    await _issue_new(session, wanted_by(templates, rows), told.now)


async def award_levels(session: AsyncSession, reached: LevelsReached) -> None:
    """Give who reached a level its certificate; who falls and rises again has it already."""
    templates = await _templates(session, {one.community_id for one in reached.levels}, "level")
    wanted = [
        (template, "level", for_level(one.community_id, one.code), one)
        for one in reached.levels
        for template in templates.values()
        if (template.community_id, template.about_code) == (one.community_id, one.code)
        and template.created_at <= one.at
    ]
    await _issue_new(session, wanted, reached.now)


async def _templates(
    session: AsyncSession, community_ids: Collection[UUID], kind: str
) -> dict[UUID, CertificateTemplate]:
    """Those in force, locked: who becomes known and what they did must not miss each other."""
    found = await session.execute(
        select(CertificateTemplate)
        .where(
            among(session, col(CertificateTemplate.community_id), community_ids),
            col(CertificateTemplate.kind) == kind,
            col(CertificateTemplate.archived_at).is_(None),
        )
        .order_by(col(CertificateTemplate.id))
        .with_for_update()
    )
    return {one.id: one for one in found.scalars()}


async def attended(
    session: AsyncSession,
    templates: Collection[UUID],
    *only: ColumnElement[bool],
    order: Sequence[Any] = (),
    limit: int | None = None,
) -> Sequence[Any]:
    """Who was at all of what these templates are for, as a guest among others, with what a certificate says of it."""
    about, code = col(CertificateTemplate.about_id), col(CertificateTemplate.about_code)
    fits = and_(
        col(CertificateTemplate.community_id) == col(ActivityAttendance.community_id),
        or_(about.is_(None), about == col(AttendedActivity.id), about == col(AttendedActivity.series_id)),
        or_(code.is_(None), code == col(AttendedActivity.kind)),
    )
    found = await session.execute(
        select(
            col(ActivityAttendance.id).label("source_id"),
            col(ActivityAttendance.member_id),
            col(ActivityAttendance.hours),
            col(AttendedActivity.id).label("activity_id"),
            col(AttendedActivity.title),
            col(AttendedActivity.starts_at),
            col(AttendedActivity.time_zone),
            col(AttendedActivity.hours).label("activity_hours"),
            col(CertificateTemplate.id).label("template_id"),
        )
        .join(AttendedActivity, col(AttendedActivity.id) == col(ActivityAttendance.activity_id))
        .join(CertificateTemplate, fits)
        .where(
            *only,
            among(session, col(CertificateTemplate.id), templates),
            col(ActivityAttendance.revoked).is_(False),
            col(ActivityAttendance.extent) == FULL,
            col(ActivityAttendance.role) == ATTENDEE,
        )
        .order_by(*(order or (col(ActivityAttendance.at), col(ActivityAttendance.id))))
        .limit(limit)
    )
    return found.all()


def wanted_by(templates: Mapping[UUID, CertificateTemplate], rows: Sequence[Any]) -> list["Wanted"]:
    """What who was there is to have."""
    return [(templates[row.template_id], "activity", row.activity_id, row) for row in rows]


def for_level(community_id: UUID, code: str) -> UUID:
    """What certificates of a level are for: it has no id of its own."""
    return uuid5(community_id, f"level {code}")


Wanted = tuple[CertificateTemplate, str, UUID, Any]
"""A template, the kind and id of what it is for, and who earned it by what."""


async def _issue_new(session: AsyncSession, wanted: Sequence[Wanted], now: Any) -> None:
    """Issue what nobody has yet, to whom is known."""
    if wanted:
        await issue(session, await earned_of(session, wanted, had=queries.living), now=now)


async def earned_of(session: AsyncSession, wanted: Sequence[Wanted], *, had: Any) -> list[Earned]:
    """What is to be issued to whom is known, but for what they had."""
    members = {one.member_id for *_, one in wanted}
    objects = {object_id for _, _, object_id, _ in wanted}
    holders = await queries.holders(session, members)
    there = {
        (one.template_id, one.object_id, one.member_id)
        for one in await had(session, list({one.id for one, *_ in wanted}), list(objects), list(members))
    }
    communities = await known_communities(session, {one.community_id for one, *_ in wanted})
    earned: list[Earned] = []
    for template, kind, object_id, one in wanted:
        holder, community = holders.get(one.member_id), communities.get(template.community_id)
        key = (template.id, object_id, one.member_id)
        if holder is None or community is None or "erased" in (holder.status, holder.person_status) or key in there:
            continue
        there.add(key)
        by = _by_activity if kind == "activity" else _by_level
        earned.append(by(template, holder, community, object_id, one))
    return earned


def _by_activity(
    template: CertificateTemplate, holder: Any, community: CommunityFacts, object_id: UUID, one: Any
) -> Earned:
    return Earned(
        template=template,
        holder=holder,
        community=community,
        object_kind="activity",
        object_id=object_id,
        subject_zh=one.title[:200],
        subject_en=one.title[:200],
        earned_on=local_day(one.starts_at, time_zone=one.time_zone),
        hours=one.hours or one.activity_hours or None,
        source_id=one.source_id,
    )


def _by_level(
    template: CertificateTemplate, holder: Any, community: CommunityFacts, object_id: UUID, one: Any
) -> Earned:
    return Earned(
        template=template,
        holder=holder,
        community=community,
        object_kind="level",
        object_id=object_id,
        subject_zh=one.title_zh,
        subject_en=one.title_en,
        earned_on=community.day_of(one.at),
    )
