"""Where members work (`chassis/workplaces.py`), from the projection of the service that the session belongs to."""

from collections import defaultdict
from collections.abc import Collection
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import Prepared, bindparam
from chassis.projections.tables import KnownTables, known_to
from chassis.workplaces import Workplace


@lru_cache(maxsize=64)
def _statements(known: KnownTables) -> tuple[Prepared[Any], Prepared[Any], Prepared[Any], Prepared[Any]]:
    members, people, departments = known.members.c, known.people.c, known.departments.c
    named = known.members.outerjoin(known.people, people.id == members.person_id)
    shown = (members.id, members.community_id, members.roles, members.cohort_id, members.joined_at)
    facts = Prepared(
        lambda on: (
            select(*shown, people.job_grade, people.site, people.kind)
            .select_from(named)
            .where(on.among(members.id, "ids"))
        )
    )

    def way_up(on: Any) -> Any:
        own = select(members.id.label("member_id"), people.department_code.label("code")).select_from(named)
        # The rows are each there once, so that departments that stand in a circle end it.
        way = own.where(on.among(members.id, "ids"), people.department_code.is_not(None)).cte("way", recursive=True)
        above = select(way.c.member_id, departments.parent_code).where(
            departments.id == way.c.code, departments.parent_code.is_not(None)
        )
        both = way.union(above)
        return select(both.c.member_id, both.c.code)

    named_so = Prepared(lambda on: select(departments.id).where(on.among(departments.id, "codes")))
    of_cohorts = Prepared(
        lambda on: (
            select(members.cohort_id)
            .where(members.community_id == bindparam("community_id"), on.among(members.cohort_id, "cohort_ids"))
            .distinct()
        )
    )
    return facts, Prepared(way_up), named_so, of_cohorts


async def workplaces(session: AsyncSession, member_ids: Collection[UUID]) -> dict[UUID, Workplace]:
    """Where these members work, by member; whom nobody has heard of is left out. Two statements."""
    if not member_ids:
        return {}
    facts, way_up, _, _ = _statements(known_to(session))
    departments: defaultdict[UUID, set[str]] = defaultdict(set)
    for row in await way_up.all(session, ids=list(member_ids)):
        departments[row.member_id].add(row.code)
    return {
        row.id: Workplace(
            community_id=row.community_id,
            departments=frozenset(departments[row.id]),
            job_grade=row.job_grade,
            site=row.site,
            kind=row.kind,
            roles=frozenset(row.roles),
            cohort_id=row.cohort_id,
            joined_at=row.joined_at,
        )
        for row in await facts.all(session, ids=list(member_ids))
    }


async def departments_named(session: AsyncSession, codes: Collection[str]) -> set[str]:
    """Those of these codes that are a department's."""
    if not codes:
        return set()
    _, _, named_so, _ = _statements(known_to(session))
    return set(await named_so.all(session, codes=list(codes)))


async def cohorts_in(session: AsyncSession, community_id: UUID, cohort_ids: Collection[UUID]) -> set[UUID]:
    """Those of these cohorts that a member of the community is or was in: they are known by their members alone."""
    if not cohort_ids:
        return set()
    *_, of_cohorts = _statements(known_to(session))
    return set(await of_cohorts.all(session, community_id=community_id, cohort_ids=list(cohort_ids)))
