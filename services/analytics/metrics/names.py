"""What breakdown values are called."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import Table, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import Prepared, bindparam
from services.analytics.base import known
from services.analytics.facts.models import FactObject
from services.analytics.metrics.frame import Group
from services.analytics.metrics.models import CohortName

COHORTS: Table = CohortName.__table__  # type: ignore[attr-defined]  # a table model has one
_departments = known.departments.c
_things: Table = FactObject.__table__  # type: ignore[attr-defined]  # a table model has one
_DEPARTMENTS: Prepared[Any] = Prepared(
    lambda on: select(_departments.id, _departments.name).where(on.among(_departments.id, "codes"))
)
_COHORTS: Prepared[Any] = Prepared(
    lambda on: select(COHORTS.c.cohort_id, COHORTS.c.name).where(on.among(COHORTS.c.cohort_id, "ids"))
)
_CAMPAIGNS: Prepared[Any] = Prepared(
    select(_things.c.details)
    .where(_things.c.community_id == bindparam("community_id"), _things.c.kind == "campaign")
    .order_by(_things.c.at, _things.c.id)
)


async def group_names(
    session: AsyncSession, group_by: Group | None, community_id: UUID, values: Collection[str | None]
) -> dict[str, str]:
    """What these breakdown values are called, where they do not say it themselves; what was never told of is left out."""
    found = sorted({value for value in values if value})
    if not found:
        return {}
    match group_by:
        case Group.DEPARTMENT:
            return dict(await _DEPARTMENTS.all(session, codes=found))
        case Group.COHORT:
            named = await _COHORTS.all(session, ids=[UUID(value) for value in found])
            return {str(row.cohort_id): row.name for row in named}
        case Group.CHANNEL:
            return await _channel_names(session, community_id, found)
    return {}


async def _channel_names(session: AsyncSession, community_id: UUID, codes: Collection[str]) -> dict[str, str]:
    """Of a code that several campaigns have, the name in the latest."""
    names: dict[str, str] = {}
    for details in await _CAMPAIGNS.all(session, community_id=community_id):
        names |= details.get("channel_names", {})
    return {code: names[code] for code in codes if code in names}
