"""A badge for those who reached it before it was there, or before their history came in: on request, a piece of the community at a time."""

from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import AuditObject, audit
from chassis.jobs import JobRun, Jobs, own_jobs, start_job
from chassis.problems import ILLEGAL_TRANSITION
from chassis.projections.members import LEFT_STATUSES
from chassis.web.work import Work
from services.gamification.badges.awarding import award, badge_of, reached
from services.gamification.badges.models import Badge
from services.gamification.badges.schemas import BadgeGrant
from services.gamification.base import known
from services.gamification.ledger.models import Wallet
from services.gamification.ledger.wallets import lock_wallets

GRANTING = "badges.grant"
FIRST_CHUNK, MOST_MEMBERS = 50, 200

jobs = Jobs()


async def start_granting(work: Work, body: BadgeGrant) -> UUID:
    """Have a badge awarded to all who fulfil it already; the same that is at work goes on. Returns the job."""
    badge = await work.permitted(Badge, body.badge_id, lock=True)
    if not badge.enabled or not badge.criteria:
        raise ILLEGAL_TRANSITION(state="disabled" if badge.criteria else "by_hand")
    params = {"badge_id": str(badge.id), "dry_run": body.dry_run}
    mine = await own_jobs(work.session, GRANTING, caller=work.caller, community_id=badge.community_id)
    for job_id, granted in mine.items():
        if granted == params:
            return job_id
    what = AuditObject("badge", badge.id, badge.community_id)
    await audit(work.session, work.caller, what, "badges.grant", {"dry_run": [None, body.dry_run]}, work.now)
    return await start_job(
        work.session, GRANTING, params, caller=work.caller, now=work.now, community_id=badge.community_id
    )


@jobs.kind(GRANTING)
async def grant_to_all(job: JobRun) -> None:
    """Award the badge to every member who fulfils it; a dry run only counts them."""
    badge_id, dry_run = UUID(job.params["badge_id"]), bool(job.params["dry_run"])
    await job.in_steps(
        lambda session, size: _chunk(session, job, badge_id, size, dry_run=dry_run),
        first=FIRST_CHUNK,
        most=MOST_MEMBERS,
    )


async def _chunk(session: AsyncSession, job: JobRun, badge_id: UUID, size: int, *, dry_run: bool) -> bool:
    badge = await badge_of(session, badge_id)
    if badge is None:
        return False
    if job.total is None:
        everybody = select(func.count()).select_from(Wallet).where(col(Wallet.community_id) == badge.community_id)
        job.total = (await session.execute(everybody)).scalar_one()
    some = (
        select(col(Wallet.member_id))
        .join(known.members, known.members.c.id == col(Wallet.member_id))
        .where(col(Wallet.community_id) == badge.community_id, known.members.c.status.not_in(LEFT_STATUSES))
        .order_by(col(Wallet.member_id))
        .limit(size)
    )
    if job.result.get("after"):
        some = some.where(col(Wallet.member_id) > UUID(job.result["after"]))
    members = dict.fromkeys((await session.execute(some)).scalars(), badge.community_id)
    wallets = {} if dry_run else await lock_wallets(session, members)
    given = await reached(session, members, [badge])
    if not dry_run:
        await award(session, given, wallets, cause="past", now=job.runtime.clock(), actor=job.started_by)
    found = job.result.get("awarded", 0) + len(given)
    job.result = {"awarded": found} if len(members) < size else {"awarded": found, "after": str(list(members)[-1])}
    job.advance(done=len(members))
    return len(members) == size
