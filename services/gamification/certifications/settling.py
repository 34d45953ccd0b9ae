"""What members did completes their runs, and the next one follows; what is undone opens a run again."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import among, insert_many
from chassis.projections.communities import known_communities
from chassis.security.authority import CommunityFacts
from services.gamification.attended.models import ActivityAttendance
from services.gamification.attended.occasions import AttendancesTold
from services.gamification.certificates import ending
from services.gamification.certificates import queries as certificate_queries
from services.gamification.certificates.issuing import Earned, issue
from services.gamification.certificates.models import CertificateTemplate
from services.gamification.certifications import queries
from services.gamification.certifications.models import Certification, CertificationEvidence, CertificationRun
from services.gamification.certifications.rules import Deed, Period, Terms, evidence, next_period, next_telling


def terms_of(one: Certification) -> Terms:
    """The terms of a certification as the rules have them."""
    return Terms(one.first_due_days, one.valid_months, one.renewal_opens_days, one.window_opens, one.window_closes)


def new_run(
    one: Certification, community: CommunityFacts, member_id: UUID, number: int, period: Period, now: datetime
) -> CertificationRun:
    """A run of a member, not written yet."""
    opens_at = community.began(period.opens_on)
    due_at = community.ended(period.due_on)
    return CertificationRun(
        certification_id=one.id,
        community_id=one.community_id,
        member_id=member_id,
        number=number,
        opens_on=period.opens_on,
        due_on=period.due_on,
        opens_at=opens_at,
        due_at=due_at,
        tell_at=next_telling(opens_at, due_at, now),
    )


async def settle_attendances(session: AsyncSession, told: AttendancesTold) -> None:
    """Let what became known of attendances complete runs, or open again what it had completed."""
    rows = await session.execute(
        select(
            col(ActivityAttendance.id),
            col(ActivityAttendance.member_id),
            col(ActivityAttendance.revoked),
            col(ActivityAttendance.extent),
        ).where(among(session, col(ActivityAttendance.id), told.attendance_ids))
    )
    found = rows.all()
    members = {row.member_id for row in found}
    if gone := [row.id for row in found if row.revoked or row.extent != "full"]:
        await _reopen(session, gone, told.now)
    await settle(session, members, told.now)


async def settle(session: AsyncSession, member_ids: Collection[UUID], now: datetime) -> None:
    """Complete the runs of these members that what they did fulfils, and begin those that follow."""
    runs = await _current(session, member_ids)
    if not runs:
        return
    certifications = await _of(session, {run.certification_id for run in runs})
    live = [run for run in runs if certifications[run.certification_id].archived_at is None]
    if not live:
        return
    deeds = await queries.deeds_of(session, {run.member_id for run in live}, min(run.opens_at for run in live))
    communities = await known_communities(session, {run.community_id for run in live})
    completed: list[CertificationRun] = []
    following: list[CertificationRun] = []
    proofs: list[dict[str, Any]] = []
    for run in live:
        one, community = certifications[run.certification_id], communities[run.community_id]
        open_one: CertificationRun | None = run
        while open_one is not None:
            by = evidence(one.requires, _in_time(deeds.get(open_one.member_id, ()), open_one))
            if by is None:
                break
            after = _complete(open_one, one, community, by, now)
            completed.append(open_one)
            proofs += [
                {"run_id": open_one.id, "requirement": place, "attendance_id": deed.id} for place, deed in enumerate(by)
            ]
            following.append(after)
            open_one = after
    if not completed:
        return
    session.add_all(following)
    await session.flush()
    await insert_many(session, CertificationEvidence.__table__, proofs)  # type: ignore[attr-defined]
    await _certify(session, completed, certifications, communities, now)


def _in_time(deeds: Sequence[Deed], run: CertificationRun) -> list[Deed]:
    """What was done since the run opened; of one that is closed, before that."""
    return [deed for deed in deeds if deed.at >= run.opens_at and (run.closed_at is None or deed.at < run.closed_at)]


def _complete(
    run: CertificationRun, one: Certification, community: CommunityFacts, by: Sequence[Deed], now: datetime
) -> CertificationRun:
    run.completed_at = max(deed.at for deed in by)
    run.tell_at = None
    day = community.day_of(run.completed_at)
    period = next_period(terms_of(one), Period(run.opens_on, run.due_on), day, first=run.number == 1)
    after = new_run(one, community, run.member_id, run.number + 1, period, now)
    run.valid_until = after.due_at
    if run.closed_at is not None:
        after.closed_at, after.tell_at, run.closed_at = run.closed_at, None, None
    return after


async def _certify(
    session: AsyncSession,
    runs: Sequence[CertificationRun],
    certifications: dict[UUID, Certification],
    communities: dict[UUID, Any],
    now: datetime,
) -> None:
    """Give each completed run its certificate, where there is a template for it."""
    wanted = [run for run in runs if certifications[run.certification_id].template_id is not None]
    if not wanted:
        return
    found = await session.execute(
        select(CertificateTemplate)
        .where(
            col(CertificateTemplate.id).in_({certifications[run.certification_id].template_id for run in wanted}),
            col(CertificateTemplate.archived_at).is_(None),
        )
        .order_by(col(CertificateTemplate.id))
        .with_for_update()
    )
    templates = {one.id: one for one in found.scalars()}
    holders = await certificate_queries.holders(session, {run.member_id for run in wanted})
    earned = []
    for run in wanted:
        one, holder = certifications[run.certification_id], holders.get(run.member_id)
        template = templates.get(one.template_id) if one.template_id else None
        if template is None or holder is None or run.completed_at is None:
            continue
        community = communities[run.community_id]
        earned.append(
            Earned(
                template=template,
                holder=holder,
                community=community,
                object_kind="certification",
                object_id=run.id,
                subject_zh=one.title_zh,
                subject_en=one.title_en,
                earned_on=community.day_of(run.completed_at),
                source_id=run.id,
                valid_until=run.valid_until,
            )
        )
    await issue(session, earned, now=now)


async def _reopen(session: AsyncSession, attendance_ids: Sequence[UUID], now: datetime) -> None:
    """Open again the runs that rested on these attendances: the one that followed goes, unless something was done in it.

    A run after which others were completed stays: earlier periods are not written anew.
    """
    rested = select(col(CertificationEvidence.run_id)).where(
        among(session, col(CertificationEvidence.attendance_id), attendance_ids)
    )
    found = await session.execute(
        select(CertificationRun)
        .where(col(CertificationRun.id).in_(rested))
        .order_by(col(CertificationRun.id))
        .with_for_update()
    )
    runs = list(found.scalars())
    if not runs:
        return
    later = await session.execute(
        select(CertificationRun)
        .where(
            col(CertificationRun.certification_id).in_({run.certification_id for run in runs}),
            col(CertificationRun.member_id).in_({run.member_id for run in runs}),
            col(CertificationRun.completed_at).is_(None),
        )
        .order_by(col(CertificationRun.id))
        .with_for_update()
    )
    current = {(run.certification_id, run.member_id): run for run in later.scalars()}
    reopened: list[UUID] = []
    emptied: list[UUID] = []
    for run in runs:
        after = current.get((run.certification_id, run.member_id))
        if after is None or after.number != run.number + 1:
            continue
        run.completed_at = run.valid_until = None
        run.closed_at = after.closed_at
        run.tell_at = next_telling(run.opens_at, run.due_at, now) if after.closed_at is None else None
        reopened.append(run.id)
        emptied.append(after.id)
    await session.execute(delete(CertificationRun).where(col(CertificationRun.id).in_(emptied)))
    await session.execute(delete(CertificationEvidence).where(col(CertificationEvidence.run_id).in_(reopened)))
    await session.flush()
    gone = await ending.of_source(session, reopened)
    await ending.revoke(session, gone, code="attendance_revoked", now=now)


async def _current(session: AsyncSession, member_ids: Collection[UUID]) -> list[CertificationRun]:
    """The runs of these members that are not completed, locked."""
    if not member_ids:
        return []
    found = await session.execute(
        select(CertificationRun)
        .where(
            among(session, col(CertificationRun.member_id), member_ids),
            col(CertificationRun.completed_at).is_(None),
        )
        .order_by(col(CertificationRun.id))
        .with_for_update()
    )
    return list(found.scalars())


async def _of(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, Certification]:
    found = await session.execute(select(Certification).where(among(session, col(Certification.id), ids)))
    return {one.id: one for one in found.scalars()}
