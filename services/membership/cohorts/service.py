"""Use cases of cohorts."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import audit
from chassis.database.rows import existing
from chassis.problems import ALREADY_EXISTS, INVALID, FieldError
from chassis.security.authority import COMMUNITIES_READ, authorize
from chassis.security.caller import Caller
from chassis.web.etags import require_match
from services.membership.cohorts.models import Cohort
from services.membership.cohorts.schemas import CohortCreate, CohortPatch
from services.membership.permissions import COMMUNITIES_UPDATE
from services.membership.refusals import UNKNOWN_COHORT


async def create_cohort(session: AsyncSession, *, caller: Caller, body: CohortCreate, now: datetime) -> Cohort:
    """Add a cohort to a community. Raises `ALREADY_EXISTS` where the code is taken."""
    await authorize(session, caller, COMMUNITIES_UPDATE, body.community_id, now=now)
    _check_dates(body.starts_on, body.ends_on)
    taken = select(col(Cohort.id)).where(col(Cohort.community_id) == body.community_id, col(Cohort.code) == body.code)
    if (await session.execute(taken)).first() is not None:
        raise ALREADY_EXISTS(code_taken=body.code)
    cohort = Cohort(**body.model_dump(), created_at=now)
    session.add(cohort)
    await session.flush()
    await audit(session, caller, cohort, "create", {"name": [None, cohort.name]}, now)
    return cohort


async def read_cohort(session: AsyncSession, *, caller: Caller | None, cohort_id: UUID, now: datetime) -> Cohort:
    """One cohort."""
    cohort = await existing(session, Cohort, cohort_id)
    await authorize(session, caller, COMMUNITIES_READ, cohort.community_id, now=now)
    return cohort


async def change_cohort(
    session: AsyncSession, *, caller: Caller, cohort_id: UUID, body: CohortPatch, if_match: int, now: datetime
) -> Cohort:
    """Rename a cohort or change its dates."""
    cohort = await existing(session, Cohort, cohort_id, lock=True)
    await authorize(session, caller, COMMUNITIES_UPDATE, cohort.community_id, now=now)
    require_match(cohort.version, if_match)
    values = body.model_dump(exclude_unset=True)
    changes = {field: [getattr(cohort, field), value] for field, value in values.items()}
    cohort.sqlmodel_update(values)
    _check_dates(cohort.starts_on, cohort.ends_on)
    cohort.version += 1
    await audit(session, caller, cohort, "update", changes, now)
    return cohort


async def cohort_of(session: AsyncSession, *, community_id: UUID, cohort_id: UUID | None) -> None:
    """Refuse a cohort that is not the community's. Raises `UNKNOWN_COHORT`."""
    if cohort_id is None:
        return
    found = select(col(Cohort.id)).where(col(Cohort.id) == cohort_id, col(Cohort.community_id) == community_id)
    if (await session.execute(found)).first() is None:
        raise UNKNOWN_COHORT(errors=[FieldError("/cohort_id", "unknown_cohort", "The community has no such cohort.")])


async def cohorts_by_code(session: AsyncSession, community_id: UUID) -> dict[str, UUID]:
    """The community's cohorts by code."""
    found = select(col(Cohort.code), col(Cohort.id)).where(col(Cohort.community_id) == community_id)
    return dict((await session.execute(found)).all())


def _check_dates(starts_on: date | None, ends_on: date | None) -> None:
    if starts_on is not None and ends_on is not None and starts_on > ends_on:
        raise INVALID(errors=[FieldError("/ends_on", "before_start", "A cohort may not end before it starts.")])
