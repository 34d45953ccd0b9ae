"""HTTP of drafts."""

from uuid import UUID

from fastapi import Response

from chassis.web.dependencies import IfMatch, Read, Write
from chassis.web.etags import set_etag
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate
from services.content.drafts import service
from services.content.drafts.models import Draft
from services.content.drafts.schemas import DraftListed, DraftPublic, DraftPut, Target
from services.content.permissions import DRAFTS_OWN

router = api_router(tags=["Drafts"])


@router.get("/v1/drafts")
@operation(permission=DRAFTS_OWN.to_read)
async def list_drafts(community_id: UUID, work: Read, page: PageQuery) -> Page[DraftListed]:
    """List what you are writing in a community, the latest first, without their forms, also where the place is gone."""
    return await paginate(work.session, await service.listing(work, community_id), page=page, to=service.listed)


@router.get("/v1/drafts/{target}")
@operation(permission=DRAFTS_OWN.to_read)
async def read_draft(target: Target, work: Read, response: Response) -> DraftPublic:
    """Read what you are writing there; nobody else can."""
    return _shown(await service.read(work, target), response)


@router.put("/v1/drafts/{target}")
@operation(permission=DRAFTS_OWN)
async def put_draft(target: Target, body: DraftPut, if_match: IfMatch, work: Write, response: Response) -> DraftPublic:
    """Keep what you are writing there for 30 days; posting it removes it. The first one needs no `If-Match`."""
    return _shown(await service.put(work, target, body, if_match), response)


@router.delete("/v1/drafts/{target}", status_code=204)
@operation(permission=DRAFTS_OWN)
async def delete_draft(target: Target, work: Write) -> None:
    """Forget what you were writing there. Again, it changes nothing."""
    await service.drop(work, target)


def _shown(draft: Draft, response: Response) -> DraftPublic:
    set_etag(response, draft.version)
    return service.shown(draft)
