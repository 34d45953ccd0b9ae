"""The names of cohorts, for other answers."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import Prepared, Spelling
from services.membership.cohorts.models import Cohort
from services.membership.cohorts.schemas import CohortRef


def _named(on: Spelling) -> Select[Any]:
    table = Cohort.__table__.c  # type: ignore[attr-defined]  # a table model has one
    return select(table.id, table.code, table.name).where(on.among(table.id, "ids"))


_NAMED: Prepared[Any] = Prepared(_named)


async def cohort_refs(session: AsyncSession, ids: Iterable[UUID | None]) -> dict[UUID | None, CohortRef | None]:
    """These cohorts by their ids, in one statement; None has none."""
    wanted = list({one for one in ids if one is not None})
    if not wanted:
        return {None: None}
    rows = await _NAMED.all(session, ids=wanted)
    return {None: None} | {row.id: CohortRef(id=row.id, code=row.code, name=row.name) for row in rows}
