"""HTTP of cohorts."""

from uuid import UUID

from fastapi import Response

from chassis.problems import ALREADY_EXISTS
from chassis.security.authority import COMMUNITIES_READ, authorize
from chassis.web.dependencies import CallerDep, IfMatch, MaybeCaller, Now, Reading, Transaction
from chassis.web.etags import created, set_etag
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate
from chassis.web.rows import permitted
from services.membership.cohorts import queries, service
from services.membership.cohorts.models import Cohort
from services.membership.cohorts.schemas import CohortCreate, CohortPatch, CohortPublic
from services.membership.permissions import COMMUNITIES_UPDATE

router = api_router(tags=["Cohorts"])


@router.post("/v1/cohorts", status_code=201)
@operation(permission=COMMUNITIES_UPDATE, problems=[ALREADY_EXISTS])
async def create_cohort(
    body: CohortCreate, caller: CallerDep, session: Transaction, now: Now, response: Response
) -> CohortPublic:
    """Add a cohort to a community."""
    cohort = await service.create_cohort(session, caller=caller, body=body, now=now)
    created(response, f"/v1/cohorts/{cohort.id}", cohort.version)
    return CohortPublic.model_validate(cohort)


@router.get("/v1/cohorts")
@operation(permission=COMMUNITIES_READ)
async def list_cohorts(
    community_id: UUID, caller: MaybeCaller, session: Reading, now: Now, page: PageQuery
) -> Page[CohortPublic]:
    """List a community's cohorts."""
    await authorize(session, caller, COMMUNITIES_READ, community_id, now=now)
    return await paginate(session, queries.cohorts(community_id), page=page, to=CohortPublic.model_validate)


@router.get("/v1/cohorts/{cohort_id}")
@operation(permission=COMMUNITIES_READ)
async def read_cohort(
    cohort_id: UUID, caller: MaybeCaller, session: Reading, now: Now, response: Response
) -> CohortPublic:
    """Read a cohort."""
    cohort = await permitted(session, caller, COMMUNITIES_READ, Cohort, cohort_id, now=now)
    set_etag(response, cohort.version)
    return CohortPublic.model_validate(cohort)


@router.patch("/v1/cohorts/{cohort_id}")
@operation(permission=COMMUNITIES_UPDATE)
async def update_cohort(
    cohort_id: UUID,
    body: CohortPatch,
    if_match: IfMatch,
    caller: CallerDep,
    session: Transaction,
    now: Now,
    response: Response,
) -> CohortPublic:
    """Rename a cohort or change its dates."""
    cohort = await service.change_cohort(
        session, caller=caller, cohort_id=cohort_id, body=body, if_match=if_match, now=now
    )
    set_etag(response, cohort.version)
    return CohortPublic.model_validate(cohort)
