"""Who is asked for a certification changes: the run of who is no longer asked is closed, and goes on for who is asked again.

What they completed before stays, and so does its certificate.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import among
from chassis.projections.communities import known_communities
from services.gamification.certifications import queries
from services.gamification.certifications.models import Certification, CertificationRun
from services.gamification.certifications.rules import Period, next_telling, taken_up
from services.gamification.certifications.settling import settle, terms_of


async def let_go(session: AsyncSession, certification_id: UUID, limit: int, now: datetime) -> int:
    """Close the runs of who is no longer asked: they are not told, and nothing waits for them. Answers how many."""
    one = await _in_force(session, certification_id)
    gone = await queries.no_longer_asked(session, one, limit) if one is not None else []
    for run in await _locked(session, gone):
        run.closed_at, run.tell_at = now, None
    await session.flush()
    return len(gone)


async def take_up(session: AsyncSession, certification_id: UUID, limit: int, now: datetime) -> int:
    """Let the runs go on of who is asked again; what they did meanwhile counts. Answers how many."""
    one = await _in_force(session, certification_id)
    back = await queries.asked_again(session, one, limit) if one is not None else []
    if one is None or not back:
        return 0
    runs = await _locked(session, back)
    community = (await known_communities(session, [one.community_id]))[one.community_id]
    for run in runs:
        closed_on = community.day_of(run.closed_at or now)
        period = taken_up(terms_of(one), Period(run.opens_on, run.due_on), closed_on, community.day_of(now))
        run.due_on, run.due_at = period.due_on, community.ended(period.due_on)
        run.closed_at = None
        # Who comes back overdue is told of where they are now.
        run.tell_at = next_telling(run.opens_at, run.due_at, now) or now
    await session.flush()
    await settle(session, {run.member_id for run in runs}, now)
    return len(back)


async def _in_force(session: AsyncSession, certification_id: UUID) -> Certification | None:
    one = await session.get(Certification, certification_id, with_for_update=True)
    return one if one is not None and one.archived_at is None else None


async def _locked(session: AsyncSession, ids: Sequence[UUID]) -> list[CertificationRun]:
    """Those of these runs that are still not completed."""
    if not ids:
        return []
    found = await session.execute(
        select(CertificationRun)
        .where(among(session, col(CertificationRun.id), ids), col(CertificationRun.completed_at).is_(None))
        .order_by(col(CertificationRun.id))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return list(found.scalars())
