"""Use cases of cohorts."""

from uuid import UUID

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import Prepared, bindparam
from chassis.problems import FieldError
from chassis.web.work import Work
from contracts.membership import CohortUpdated
from services.membership.cohorts.models import Cohort
from services.membership.cohorts.schemas import CohortCreate, CohortPatch
from services.membership.refusals import UNKNOWN_COHORT


async def create_cohort(work: Work, body: CohortCreate) -> Cohort:
    """Add a cohort to a community."""
    await work.permit(body.community_id)
    return await work.add(Cohort(**body.model_dump(), created_at=work.now), tells=CohortUpdated)


async def change_cohort(work: Work, cohort_id: UUID, body: CohortPatch, if_match: int) -> Cohort:
    """Rename a cohort or change its dates."""
    cohort = await work.permitted(Cohort, cohort_id, lock=True, if_match=if_match)
    return await work.edit(cohort, body.model_dump(exclude_unset=True), tells=CohortUpdated)


_THERE = Prepared(
    select(col(Cohort.id)).where(
        col(Cohort.id) == bindparam("cohort_id"), col(Cohort.community_id) == bindparam("community_id")
    )
)


async def cohort_of(
    session: AsyncSession, *, community_id: UUID, cohort_id: UUID | None, pointer: str = "/cohort_id"
) -> None:
    """Refuse a cohort that is not the community's. Raises `UNKNOWN_COHORT`."""
    if cohort_id is None:
        return
    if await _THERE.first(session, cohort_id=cohort_id, community_id=community_id) is None:
        raise UNKNOWN_COHORT(
            errors=[FieldError(pointer, "unknown_cohort", "The community has no such cohort.", "社群没有这个期次。")]
        )


async def cohorts_by_code(session: AsyncSession, community_id: UUID) -> dict[str, UUID]:
    """The community's cohorts by code."""
    found = select(col(Cohort.code), col(Cohort.id)).where(col(Cohort.community_id) == community_id)
    return dict((await session.execute(found)).all())
