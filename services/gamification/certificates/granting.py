"""Certificates for those who were there, or had come so far, before there was the template: on request, a piece at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import audit
from chassis.jobs import JobRun, Jobs, own_jobs, start_job
from chassis.problems import ILLEGAL_TRANSITION
from chassis.web.work import Work
from services.gamification.attended.models import ActivityAttendance
from services.gamification.certificates import queries
from services.gamification.certificates.awarding import Wanted, attended, earned_of, for_level, wanted_by
from services.gamification.certificates.issuing import Earned, ends_at, issue
from services.gamification.certificates.models import CertificateTemplate
from services.gamification.certificates.problems import TEMPLATE_ARCHIVED
from services.gamification.certificates.schemas import CertificateGrant
from services.gamification.ledger.models import Wallet
from services.gamification.levels.ladders import ladders_of
from services.gamification.levels.models import LevelChangeRow

GRANTING = "certificates.grant"
FIRST_CHUNK, MOST = 50, 200

jobs = Jobs()


async def start_granting(work: Work, body: CertificateGrant) -> UUID:
    """Have certificates issued to all who earned one; the same that is at work goes on. Returns the job.

    Raises `TEMPLATE_ARCHIVED`, and `ILLEGAL_TRANSITION` where certificates by the template follow from nothing that is over.
    """
    template = await work.permitted(CertificateTemplate, body.template_id, lock=True)
    if template.archived_at is not None:
        raise TEMPLATE_ARCHIVED()
    if template.kind not in _PIECES:
        raise ILLEGAL_TRANSITION(state="by_hand" if template.kind == "other" else template.kind)
    params = {"template_id": str(template.id), "dry_run": body.dry_run}
    mine = await own_jobs(work.session, GRANTING, caller=work.caller, community_id=template.community_id)
    for job_id, granted in mine.items():
        if granted == params:
            return job_id
    said: dict[str, list[object]] = {"dry_run": [None, body.dry_run]}
    await audit(work.session, work.caller, template, "grant", said, work.now)
    return await start_job(
        work.session, GRANTING, params, caller=work.caller, now=work.now, community_id=template.community_id
    )


@dataclass(frozen=True, slots=True)
class Piece:
    """Who was looked at, and who of them has earned one; `after` is where the next piece begins, if there may be one."""

    looked_at: int
    wanted: list[Wanted]
    after: UUID | None


@jobs.kind(GRANTING)
async def grant_to_all(job: JobRun) -> None:
    """Issue certificates to all who earned one; a dry run only counts them."""
    template_id, dry_run = UUID(job.params["template_id"]), bool(job.params["dry_run"])
    await job.in_steps(
        lambda session, size: _chunk(session, job, template_id, size, dry_run=dry_run), first=FIRST_CHUNK, most=MOST
    )


async def _chunk(session: AsyncSession, job: JobRun, template_id: UUID, size: int, *, dry_run: bool) -> bool:
    template = await session.get(CertificateTemplate, template_id, with_for_update=True)
    if template is None or template.archived_at is not None:
        return False
    now, kept = job.runtime.clock(), job.result.get("after")
    piece = await _PIECES[template.kind](session, template, UUID(kept) if kept else None, size)
    earned = await earned_of(session, piece.wanted, had=queries.ever) if piece.wanted else []
    fresh = [one for one in earned if _lasts(one, now)]
    if not dry_run:
        await issue(session, fresh, now=now)
    job.result = {"issued": job.result.get("issued", 0) + len(fresh)}
    if piece.after is not None:
        job.result |= {"after": str(piece.after)}
    job.advance(done=piece.looked_at)
    return piece.after is not None


def _lasts(one: Earned, now: datetime) -> bool:
    """What has run out already would be no certificate on the day of its issue."""
    until = ends_at(one.earned_on, one.template.valid_months, one.community)
    return until is None or until > now


async def _attendances(session: AsyncSession, template: CertificateTemplate, after: UUID | None, size: int) -> Piece:
    only = [col(ActivityAttendance.community_id) == template.community_id]
    if after is not None:
        only.append(col(ActivityAttendance.id) > after)
    order = [col(ActivityAttendance.id)]
    rows = await attended(session, [template.id], *only, order=order, limit=size)
    return Piece(len(rows), wanted_by({template.id: template}, rows), rows[-1].source_id if len(rows) == size else None)


@dataclass(frozen=True, slots=True)
class Climbed:
    """A member who came to a level: what a certificate of it says."""

    member_id: UUID
    community_id: UUID
    title_zh: str
    title_en: str
    at: datetime


async def _levels(session: AsyncSession, template: CertificateTemplate, after: UUID | None, size: int) -> Piece:
    """Those who hold the level or a higher one, as of when they came to it."""
    ladder = (await ladders_of(session, [template.community_id]))[template.community_id]
    rung = ladder.rung_of(template.about_code)
    if rung is None:
        return Piece(0, [], None)
    some = select(Wallet).where(col(Wallet.community_id) == template.community_id)
    if after is not None:
        some = some.where(col(Wallet.member_id) > after)
    wallets = (await session.execute(some.order_by(col(Wallet.member_id)).limit(size))).scalars().all()
    there = [one for one in wallets if ladder.position_of(one) >= rung.position > 0]
    climbed = await _came_to(session, [one.member_id for one in there], rung.position)
    place = for_level(template.community_id, rung.code)
    wanted: list[Wanted] = []
    for one in there:
        at = climbed.get(one.member_id) or one.level_since
        if at is not None:
            who = Climbed(one.member_id, template.community_id, rung.zh, rung.en, at)
            wanted.append((template, "level", place, who))
    return Piece(len(wallets), wanted, wallets[-1].member_id if len(wallets) == size else None)


async def _came_to(session: AsyncSession, member_ids: Sequence[UUID], position: int) -> dict[UUID, datetime]:
    """When each of them first stepped over the rung of this position."""
    if not member_ids:
        return {}
    found = await session.execute(
        select(col(LevelChangeRow.member_id), func.min(col(LevelChangeRow.at)))
        .where(
            col(LevelChangeRow.member_id).in_(member_ids),
            col(LevelChangeRow.from_position) < position,
            col(LevelChangeRow.to_position) >= position,
        )
        .group_by(col(LevelChangeRow.member_id))
    )
    return {row[0]: row[1] for row in found}


_PIECES: dict[str, Any] = {"activity": _attendances, "level": _levels}
