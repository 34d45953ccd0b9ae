"""HTTP of retrospectives."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from chassis.problems import ALREADY_EXISTS
from chassis.web.dependencies import IfMatch, Read, Write
from chassis.web.etags import created, set_etag
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate_together
from chassis.web.work import Work
from services.events.activities.access import standing_in
from services.events.permissions import RETROSPECTIVES_WRITE
from services.events.retrospectives import queries, service
from services.events.retrospectives.access import SeenRetrospective, seen_retrospective, writes_all
from services.events.retrospectives.schemas import (
    STATUS,
    RetrospectiveCreate,
    RetrospectivePatch,
    RetrospectivePublic,
    RetrospectiveStatus,
)
from services.events.retrospectives.views import listed, shown

router = api_router(tags=["Retrospectives"])

ONE = "/v1/retrospectives/{retrospective_id}"


@router.post("/v1/retrospectives", status_code=201)
@operation(
    permission=RETROSPECTIVES_WRITE,
    problems=[ALREADY_EXISTS],
    existing="The community looks back at this month already.",
)
async def create_retrospective(body: RetrospectiveCreate, work: Write, response: Response) -> RetrospectivePublic:
    """Look back at a month of a community, without an activity. Those of activities are there when they are completed."""
    seen, new = await service.look_back(work, body)
    created(response, f"/v1/retrospectives/{seen.retrospective.id}")
    if not new:
        response.status_code = 200
    return await _shown(work, seen, response)


@router.get("/v1/retrospectives")
@operation(permission=RETROSPECTIVES_WRITE)
async def list_retrospectives(
    community_id: UUID,
    work: Read,
    page: PageQuery,
    status: Annotated[RetrospectiveStatus | None, Query(), STATUS] = None,
) -> Page[RetrospectivePublic]:
    """List a community's retrospectives, the first due first: all for those who run it, those of their activities for lecturers."""
    standing = await standing_in(work, community_id, RETROSPECTIVES_WRITE)
    only = None if writes_all(standing) else standing.member_id
    return await paginate_together(
        work.session,
        queries.listing(community_id, status, only),
        page=page,
        to=lambda rows: listed(work, rows, standing),
    )


@router.get(ONE)
@operation(permission=RETROSPECTIVES_WRITE)
async def read_retrospective(retrospective_id: UUID, work: Read, response: Response) -> RetrospectivePublic:
    """Read what those who held an activity keep, change and have learned."""
    return await _shown(work, await seen_retrospective(work, retrospective_id), response)


@router.patch(ONE)
@operation(permission=RETROSPECTIVES_WRITE)
async def update_retrospective(
    retrospective_id: UUID, body: RetrospectivePatch, if_match: IfMatch, work: Write, response: Response
) -> RetrospectivePublic:
    """Write what is kept, what is to change and what was learned. It is written once all three are."""
    return await _shown(work, await service.write(work, retrospective_id, body, if_match), response)


async def _shown(work: Work, seen: SeenRetrospective, response: Response) -> RetrospectivePublic:
    set_etag(response, seen.retrospective.version)
    return await shown(work, seen)
