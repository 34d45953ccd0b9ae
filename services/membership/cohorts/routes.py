"""HTTP of cohorts."""

from uuid import UUID

from fastapi import Response

from chassis.database.listing import of_community
from chassis.problems import ALREADY_EXISTS
from chassis.security.authority import COMMUNITIES_READ
from chassis.web.dependencies import IfMatch, Read, Write
from chassis.web.etags import created, set_etag
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate
from services.membership.cohorts import service
from services.membership.cohorts.models import Cohort
from services.membership.cohorts.schemas import CohortCreate, CohortPatch, CohortPublic
from services.membership.permissions import COMMUNITIES_UPDATE

router = api_router(tags=["Cohorts"])


@router.post("/v1/cohorts", status_code=201)
@operation(permission=COMMUNITIES_UPDATE, problems=[ALREADY_EXISTS])
async def create_cohort(body: CohortCreate, work: Write, response: Response) -> CohortPublic:
    """Add a cohort to a community."""
    cohort = await service.create_cohort(work, body)
    created(response, f"/v1/cohorts/{cohort.id}", cohort.version)
    return CohortPublic.model_validate(cohort)


@router.get("/v1/cohorts")
@operation(permission=COMMUNITIES_READ)
async def list_cohorts(community_id: UUID, work: Read, page: PageQuery) -> Page[CohortPublic]:
    """List a community's cohorts."""
    await work.permit(community_id)
    return await paginate(work.session, of_community(Cohort, community_id), page=page, to=CohortPublic.model_validate)


@router.get("/v1/cohorts/{cohort_id}")
@operation(permission=COMMUNITIES_READ)
async def read_cohort(cohort_id: UUID, work: Read, response: Response) -> CohortPublic:
    """Read a cohort."""
    cohort = await work.permitted(Cohort, cohort_id)
    set_etag(response, cohort.version)
    return CohortPublic.model_validate(cohort)


@router.patch("/v1/cohorts/{cohort_id}")
@operation(permission=COMMUNITIES_UPDATE)
async def update_cohort(
    cohort_id: UUID, body: CohortPatch, if_match: IfMatch, work: Write, response: Response
) -> CohortPublic:
    """Rename a cohort or change its dates."""
    cohort = await service.change_cohort(work, cohort_id, body, if_match)
    set_etag(response, cohort.version)
    return CohortPublic.model_validate(cohort)
