"""Use cases of groupings: planning one, and making its groups."""

import secrets
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import audit
from chassis.database.context import context_of
from chassis.ids import new_id
from chassis.jobs import UNDER_WAY, start_job
from chassis.problems import ILLEGAL_TRANSITION
from chassis.web.work import Work
from services.membership.cohorts.service import cohort_of
from services.membership.groups.grouping_jobs import APPLY, PLAN
from services.membership.groups.grouping_rules import MOST_SEED
from services.membership.groups.grouping_schemas import GroupingCreate
from services.membership.groups.models import Group, Grouping
from services.membership.groups.problems import GROUPS_STAND, NO_GROUPS


async def plan(work: Work, body: GroupingCreate) -> Grouping:
    """Have a grouping planned; it changes nothing yet. Raises `GROUPS_STAND` where its members are in groups of an earlier one, `NO_GROUPS` where there are none that late ones could join."""
    await work.permit(body.community_id)
    await cohort_of(work.session, community_id=body.community_id, cohort_id=body.cohort_id)
    scope_id = body.cohort_id or body.community_id
    standing = await _standing(work.session, scope_id)
    if body.late and standing is None:
        raise NO_GROUPS()
    if not body.late and standing is not None:
        raise GROUPS_STAND()
    key = new_id()
    grouping = Grouping(
        id=key,
        of_id=standing or key,
        scope_id=scope_id,
        seed=body.seed if body.seed is not None else secrets.randbelow(MOST_SEED),
        **body.model_dump(include={"community_id", "cohort_id", "by", "size", "count"}),
        created_at=work.now,
    )
    grouping.job_id = await _start(work, grouping, PLAN)
    return await work.add(grouping)


async def apply(work: Work, key: UUID) -> Grouping:
    """Have the groups of a plan made. Again, it changes nothing, and goes on where the job ended too soon. Raises `ILLEGAL_TRANSITION`, `GROUPS_STAND`."""
    grouping = await work.permitted(Grouping, key, lock=True)
    if grouping.status == "planning":
        raise ILLEGAL_TRANSITION(state=grouping.status)
    if grouping.status == "applied" or (grouping.status == "applying" and await _at_work(work.session, grouping)):
        return grouping
    if grouping.status == "planned":
        grouping.status = "applying"
        # Whoever is making groups for the same members is waited for here, and found below.
        await work.session.flush()
        standing = await _standing(work.session, grouping.scope_id)
        if standing is not None and standing != grouping.of_id:
            raise GROUPS_STAND()
        await audit(work.session, work.caller, grouping, "apply", {"seed": [None, grouping.seed]}, work.now)
    grouping.job_id = await _start(work, grouping, APPLY)
    return grouping


async def _standing(session: AsyncSession, scope_id: UUID) -> UUID | None:
    """The grouping of which there are groups for these members."""
    found = (
        select(col(Grouping.id))
        .join(Group, col(Group.grouping_id) == col(Grouping.id))
        .where(col(Grouping.scope_id) == scope_id, col(Group.dissolved_at).is_(None))
        .limit(1)
    )
    return (await session.execute(found)).scalar_one_or_none()


async def _at_work(session: AsyncSession, grouping: Grouping) -> bool:
    jobs = context_of(session).tables.chassis.jobs
    found = select(jobs.c.id).where(jobs.c.id == grouping.job_id, jobs.c.state.in_(UNDER_WAY))
    return (await session.execute(found)).first() is not None


async def _start(work: Work, grouping: Grouping, kind: str) -> UUID:
    params = {"grouping_id": str(grouping.id)}
    return await start_job(
        work.session, kind, params, caller=work.caller, now=work.now, community_id=grouping.community_id
    )
