"""Who may register for which activities, by what is known of them now."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.problems import INVALID
from chassis.projections.workplaces import cohorts_in, departments_named, workplaces
from services.events.activities import problems
from services.events.activities.eligibility_rules import unmet
from services.events.activities.models import Activity


async def unmet_by(
    session: AsyncSession, rows: Sequence[Activity], member_ids: Collection[UUID]
) -> Mapping[UUID, Sequence[str]]:
    """The conditions of these activities that the members do not meet, who are at most one in each community, by activity."""
    asking = [row for row in rows if row.eligibility]
    if not asking or not member_ids:
        return {}
    known = {one.community_id: one for one in (await workplaces(session, member_ids)).values()}
    return {row.id: unmet(row.eligibility, known.get(row.community_id)) for row in asking}


async def require_known(session: AsyncSession, community_id: UUID, eligibility: Mapping[str, Any] | None) -> None:
    """Raises `INVALID` where it names a department that nobody has heard of, or a cohort that nobody here is in: nobody could meet it."""
    asked = eligibility or {}
    codes, cohorts = asked.get("departments", []), asked.get("cohort_ids", [])
    there = await departments_named(session, codes)
    unknown = [problems.unknown_department(index) for index, code in enumerate(codes) if code not in there]
    known = await cohorts_in(session, community_id, [UUID(one) for one in cohorts])
    unknown += [problems.unknown_cohort(index) for index, one in enumerate(cohorts) if UUID(one) not in known]
    if unknown:
        raise INVALID(errors=unknown)
