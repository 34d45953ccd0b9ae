"""What the clock does to certifications: members of whom one is asked get their first run, and are told when it is due and overdue.

Who is no longer asked is told nothing more.

A job does it in chunks: a certification of the whole company is asked of all its members.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import insert_many
from chassis.jobs import JobRun, Jobs, is_queued, start_job
from chassis.messaging.outbox import Outgoing, emit_many
from chassis.messaging.parts import MOST_MEMBERS, in_parts
from chassis.projections.communities import known_communities
from chassis.timers import Timer, Timers
from contracts.gamification import CertificationDue, CertificationOverdue
from services.gamification.base import known
from services.gamification.certifications import queries
from services.gamification.certifications.asking import let_go, take_up
from services.gamification.certifications.models import Certification, CertificationRun
from services.gamification.certifications.rules import first_period, lead_at, next_telling
from services.gamification.certifications.settling import new_run, settle, terms_of

KEEP: Final = "certifications.keep"
FIRST_CHUNK = 50

jobs, timers = Jobs(), Timers()


@timers.every(timedelta(minutes=15), kind=KEEP)
async def keep(session: AsyncSession, timer: Timer) -> None:
    """Start the job if there is anything to do."""
    if await _is_due(session, timer.now):
        await start_keeping(session, timer.now)


async def start_keeping(session: AsyncSession, now: datetime) -> None:
    """Have members enrolled and told soon, unless that waits already."""
    if not await is_queued(session, KEEP):
        await start_job(session, KEEP, {}, caller=None, now=now)


async def _is_due(session: AsyncSession, now: datetime) -> bool:
    due = select(col(CertificationRun.id)).where(_to_tell(now)).limit(1)
    if (await session.execute(due)).first() is not None:
        return True
    for one in await _live(session):
        if await queries.unenrolled(session, one, 1):
            return True
        if await queries.no_longer_asked(session, one, 1) or await queries.asked_again(session, one, 1):
            return True
    return False


@jobs.kind(KEEP)
async def work(job: JobRun) -> None:
    """Let go who is no longer asked, enrol who is missing, then tell who is to be told, a chunk at a time."""
    async with job.step() as session:
        ids = [one.id for one in await _live(session)]
    for certification_id in ids:
        for step in (let_go, take_up, enrol):
            await _to_the_end(
                job,
                lambda session, size, key=certification_id, step=step: step(session, key, size, job.runtime.clock()),
            )
    await _to_the_end(job, lambda session, size: tell(session, size, job.runtime.clock()))


async def _to_the_end(job: JobRun, piece: Any) -> None:
    """Do pieces, each of which answers how many it dealt with, until one finds none."""

    async def some(session: AsyncSession, size: int) -> bool:
        done: int = await piece(session, size)
        job.advance(done=done)
        return done > 0

    await job.in_steps(some, first=FIRST_CHUNK, most=MOST_MEMBERS)


async def _live(session: AsyncSession) -> Sequence[Certification]:
    """Of open communities, what is not archived."""
    communities = known.communities.c
    found = await session.execute(
        select(Certification)
        .join(known.communities, communities.id == col(Certification.community_id))
        .where(col(Certification.archived_at).is_(None), communities.status == "open")
        .order_by(col(Certification.id))
    )
    return found.scalars().all()


async def enrol(session: AsyncSession, certification_id: UUID, limit: int, now: datetime) -> int:
    """Give members their first run; what they did since the certification began counts for it. Answers how many."""
    one = await session.get(Certification, certification_id, with_for_update=True)
    if one is None or one.archived_at is not None:
        return 0
    members = await queries.unenrolled(session, one, limit)
    if not members:
        return 0
    community = (await known_communities(session, [one.community_id]))[one.community_id]
    today = max(one.begins_on, community.day_of(now))
    period = first_period(terms_of(one), today)
    period = type(period)(min(one.begins_on, period.opens_on), period.due_on)
    made = [new_run(one, community, member_id, 1, period, now) for member_id in members]
    rows = [run.model_dump() for run in made]
    await insert_many(session, CertificationRun.__table__, rows)  # type: ignore[attr-defined]
    await settle(session, members, now)
    return len(members)


def _to_tell(now: datetime) -> ColumnElement[bool]:
    return and_(col(CertificationRun.tell_at).is_not(None), col(CertificationRun.tell_at) <= now)


async def tell(session: AsyncSession, limit: int, now: datetime) -> int:
    """Tell members that something is due, and about those who are overdue. Answers how many runs were looked at."""
    rows = await session.execute(
        select(CertificationRun, Certification, known.members.c.status, known.people.c.department_code)
        .join(Certification, col(Certification.id) == col(CertificationRun.certification_id))
        .outerjoin(known.members, known.members.c.id == col(CertificationRun.member_id))
        .outerjoin(known.people, known.people.c.id == known.members.c.person_id)
        .where(_to_tell(now))
        .order_by(col(CertificationRun.tell_at), col(CertificationRun.id))
        .limit(limit)
        .with_for_update(of=CertificationRun)
    )
    told: dict[tuple[Any, ...], list[UUID]] = {}
    found = rows.all()
    for run, one, status, department in found:
        lead = lead_at(run.due_at, now)
        run.tell_at = next_telling(run.opens_at, run.due_at, now)
        if status != "active" or one.archived_at is not None:
            continue
        by = None if lead is not None else department
        told.setdefault((one.id, run.due_at, lead, by), []).append(run.member_id)
    titles = {one.id: one for _, one, _, _ in found}
    await emit_many(session, list(_messages(told, titles, now)))
    return len(found)


def _messages(
    told: dict[tuple[Any, ...], list[UUID]], titles: dict[UUID, Certification], now: datetime
) -> Iterable[Outgoing]:
    for (certification_id, due_at, lead, department), members in told.items():
        one = titles[certification_id]
        for some, _, _ in in_parts(sorted(members)):
            if lead is not None:
                yield Outgoing(
                    CertificationDue(
                        community_id=one.community_id,
                        certification_id=one.id,
                        title=one.title_zh,
                        due_at=due_at,
                        lead_days=lead,
                        member_ids=some,
                    ),
                    1,
                    now,
                )
            else:
                yield Outgoing(
                    CertificationOverdue(
                        community_id=one.community_id,
                        certification_id=one.id,
                        title=one.title_zh,
                        due_at=due_at,
                        department_code=department,
                        member_ids=some,
                    ),
                    1,
                    now,
                )
