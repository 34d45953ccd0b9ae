"""HTTP of responsibilities."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from chassis.database.listing import of_community
from chassis.problems import ALREADY_EXISTS
from chassis.web.dependencies import IfMatch, Read, Write
from chassis.web.etags import created, set_etag
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate_together
from chassis.web.work import Work
from services.membership.permissions import RESPONSIBILITIES_READ, RESPONSIBILITIES_WRITE
from services.membership.refusals import UNKNOWN_MEMBER
from services.membership.responsibilities import queries, service
from services.membership.responsibilities.models import Responsibility
from services.membership.responsibilities.schemas import ResponsibilityCreate, ResponsibilityPatch, ResponsibilityPublic

router = api_router(tags=["Responsibilities"])


@router.post("/v1/responsibilities", status_code=201)
@operation(permission=RESPONSIBILITIES_WRITE, problems=[ALREADY_EXISTS, UNKNOWN_MEMBER])
async def create_responsibility(body: ResponsibilityCreate, work: Write, response: Response) -> ResponsibilityPublic:
    """Say who is responsible for an area."""
    area = await service.create_responsibility(work, body)
    created(response, f"/v1/responsibilities/{area.id}")
    return await _shown(work, area, response)


@router.get("/v1/responsibilities")
@operation(permission=RESPONSIBILITIES_READ)
async def list_responsibilities(
    community_id: UUID,
    work: Read,
    page: PageQuery,
    vacant: Annotated[bool, Query(description="Only areas that nobody holds.")] = False,
) -> Page[ResponsibilityPublic]:
    """List a community's areas and who is responsible for them."""
    await work.permit(community_id)
    areas = of_community(Responsibility, community_id, *[queries.is_vacant()] * vacant)
    return await paginate_together(work.session, areas, page=page, to=lambda rows: queries.public(work, rows))


@router.get("/v1/responsibilities/{responsibility_id}")
@operation(permission=RESPONSIBILITIES_READ)
async def read_responsibility(responsibility_id: UUID, work: Read, response: Response) -> ResponsibilityPublic:
    """Read who is responsible for an area."""
    return await _shown(work, await work.permitted(Responsibility, responsibility_id), response)


@router.patch("/v1/responsibilities/{responsibility_id}")
@operation(permission=RESPONSIBILITIES_WRITE, problems=[ALREADY_EXISTS, UNKNOWN_MEMBER])
async def update_responsibility(
    responsibility_id: UUID, body: ResponsibilityPatch, if_match: IfMatch, work: Write, response: Response
) -> ResponsibilityPublic:
    """Rename an area or change who sees to it."""
    return await _shown(work, await service.change_responsibility(work, responsibility_id, body, if_match), response)


async def _shown(work: Work, area: Responsibility, response: Response) -> ResponsibilityPublic:
    set_etag(response, area.version)
    return (await queries.public(work, [area]))[0]
