"""HTTP of materials."""

from uuid import UUID

from chassis.web.dependencies import Read
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate_together
from services.content.materials import service
from services.content.materials.schemas import MaterialPublic
from services.content.permissions import ATTACHMENTS_CREATE

router = api_router(tags=["Attachments"])


@router.get("/v1/attachments")
@operation(permission=ATTACHMENTS_CREATE.to_read, guests=True)
async def list_materials(activity_id: UUID, work: Read, page: PageQuery) -> Page[MaterialPublic]:
    """List what speakers from outside sent for an activity, for who runs it, operators and owners. A guest lists their own."""
    listing = await service.listing(work, activity_id)
    return await paginate_together(work.session, listing, page=page, to=lambda rows: service.shown(work, rows))
