"""Use cases of cohorts."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.problems import FieldError
from chassis.security.authority import authorize
from chassis.security.caller import Caller
from chassis.web.rows import add, edit, permitted
from services.membership.cohorts.models import Cohort
from services.membership.cohorts.schemas import CohortCreate, CohortPatch
from services.membership.permissions import COMMUNITIES_UPDATE
from services.membership.refusals import UNKNOWN_COHORT


async def create_cohort(session: AsyncSession, *, caller: Caller, body: CohortCreate, now: datetime) -> Cohort:
    """Add a cohort to a community."""
    await authorize(session, caller, COMMUNITIES_UPDATE, body.community_id, now=now)
    cohort = Cohort(**body.model_dump(), created_at=now)
    await add(session, caller, cohort, now)
    return cohort


async def change_cohort(
    session: AsyncSession, *, caller: Caller, cohort_id: UUID, body: CohortPatch, if_match: int, now: datetime
) -> Cohort:
    """Rename a cohort or change its dates."""
    cohort = await permitted(
        session, caller, COMMUNITIES_UPDATE, Cohort, cohort_id, now=now, lock=True, if_match=if_match
    )
    await edit(session, caller, cohort, body.model_dump(exclude_unset=True), now)
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
