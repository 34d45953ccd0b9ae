"""HTTP of responsibilities."""

from uuid import UUID

from fastapi import Response

from chassis.problems import ALREADY_EXISTS, ILLEGAL_TRANSITION
from chassis.security.authority import authorize
from chassis.web.dependencies import CallerDep, IfMatch, Now, Reading, Transaction
from chassis.web.etags import created, set_etag
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate_together
from chassis.web.rows import permitted
from services.membership.permissions import RESPONSIBILITIES_READ, RESPONSIBILITIES_WRITE
from services.membership.refusals import UNKNOWN_MEMBER
from services.membership.responsibilities import queries, service
from services.membership.responsibilities.models import Responsibility
from services.membership.responsibilities.schemas import (
    ResponsibilityCreate,
    ResponsibilityPatch,
    ResponsibilityPublic,
)

router = api_router(tags=["Responsibilities"])


@router.post("/v1/responsibilities", status_code=201)
@operation(permission=RESPONSIBILITIES_WRITE, problems=[ALREADY_EXISTS, UNKNOWN_MEMBER])
async def create_responsibility(
    body: ResponsibilityCreate, caller: CallerDep, session: Transaction, now: Now, response: Response
) -> ResponsibilityPublic:
    """Say who is responsible for an area."""
    area = await service.create_responsibility(session, caller=caller, body=body, now=now)
    created(response, f"/v1/responsibilities/{area.id}")
    return await _shown(session, area, now, response)


@router.get("/v1/responsibilities")
@operation(permission=RESPONSIBILITIES_READ)
async def list_responsibilities(
    community_id: UUID, caller: CallerDep, session: Reading, now: Now, page: PageQuery
) -> Page[ResponsibilityPublic]:
    """List a community's areas and who is responsible for them."""
    await authorize(session, caller, RESPONSIBILITIES_READ, community_id, now=now)
    listing = queries.responsibilities(community_id)
    return await paginate_together(session, listing, page=page, to=lambda areas: queries.public(session, areas, now))


@router.get("/v1/responsibilities/{responsibility_id}")
@operation(permission=RESPONSIBILITIES_READ)
async def read_responsibility(
    responsibility_id: UUID, caller: CallerDep, session: Reading, now: Now, response: Response
) -> ResponsibilityPublic:
    """Read who is responsible for an area."""
    area = await permitted(session, caller, RESPONSIBILITIES_READ, Responsibility, responsibility_id, now=now)
    return await _shown(session, area, now, response)


@router.patch("/v1/responsibilities/{responsibility_id}")
@operation(permission=RESPONSIBILITIES_WRITE, problems=[ALREADY_EXISTS, UNKNOWN_MEMBER])
async def update_responsibility(
    responsibility_id: UUID,
    body: ResponsibilityPatch,
    if_match: IfMatch,
    caller: CallerDep,
    session: Transaction,
    now: Now,
    response: Response,
) -> ResponsibilityPublic:
    """Rename an area or change who sees to it."""
    area = await service.change_responsibility(
        session, caller=caller, key=responsibility_id, body=body, if_match=if_match, now=now
    )
    return await _shown(session, area, now, response)


@router.post("/v1/responsibilities/{responsibility_id}/pass")
@operation(permission=RESPONSIBILITIES_WRITE, problems=[ILLEGAL_TRANSITION])
async def pass_responsibility(
    responsibility_id: UUID, caller: CallerDep, session: Transaction, now: Now, response: Response
) -> ResponsibilityPublic:
    """Pass an area to its deputy."""
    area = await service.pass_responsibility(session, caller=caller, key=responsibility_id, now=now)
    return await _shown(session, area, now, response)


async def _shown(session: Reading, area: Responsibility, now: Now, response: Response) -> ResponsibilityPublic:
    set_etag(response, area.version)
    return (await queries.public(session, [area], now))[0]
