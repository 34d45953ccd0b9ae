"""HTTP of moderation."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query, Response

from chassis.problems import CONFLICT_OF_INTEREST, ILLEGAL_TRANSITION
from chassis.web.dependencies import Read, Write
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate_together
from services.content.company import named, permitted
from services.content.holding.models import ModerationItem
from services.content.holding.schemas import STATUS
from services.content.moderation import queries, service
from services.content.moderation.problems import TEXT_CHANGED
from services.content.moderation.schemas import (
    ModerationDecision,
    ModerationListed,
    ModerationPublic,
    ReportCreate,
    ReportPublic,
)
from services.content.moderation.views import listed, shown
from services.content.permissions import MODERATION_DECIDE, MODERATION_ITEMS_REPORT, MODERATION_READ

router = api_router(tags=["Moderation"])

Asked = Literal["open", "returned", "released", "removed", "mended"]


@router.post("/v1/moderation-items", status_code=201)
@operation(
    permission=MODERATION_ITEMS_REPORT,
    problems=[CONFLICT_OF_INTEREST],
    existing="You reported it already; what you said then is answered.",
    located=False,
)
async def report_content(body: ReportCreate, work: Write, response: Response) -> ReportPublic:
    """Report an article, a discussion, a reply or an idea to the moderators. Its author does not learn who did."""
    made, new = await service.report(work, body)
    response.status_code = 201 if new else 200
    return ReportPublic.model_validate(made)


@router.get("/v1/moderation-items")
@operation(permission=MODERATION_READ)
async def list_moderation_items(
    work: Read,
    page: PageQuery,
    community_id: Annotated[
        UUID | None, Query(description="Without a community, what the company's lists hold in none: people's names.")
    ] = None,
    status: Annotated[Asked | None, Query(), STATUS] = None,
    service_name: Annotated[
        str | None, Query(alias="service", max_length=32, description="Only texts of this service.")
    ] = None,
    kind: Annotated[str | None, Query(max_length=32, description="Only texts of this kind.")] = None,
) -> Page[ModerationListed]:
    """List what lists hold and members report, the oldest first; what was decided is kept for 180 days."""
    standing = await service.standing_of(work, community_id)
    items = queries.listing(standing.community.id, status=status, service=service_name, kind=kind)
    return await paginate_together(work.session, items, page=page, to=lambda rows: listed(work, rows, standing))


@router.get("/v1/moderation-items/{moderation_item_id}")
@operation(permission=MODERATION_READ)
async def read_moderation_item(moderation_item_id: UUID, work: Read) -> ModerationPublic:
    """Read an item: the text, what was found in it and where, who reported it, and what can be decided."""
    item = await permitted(work, ModerationItem, moderation_item_id)
    return await shown(work, item, await service.standing_of(work, named(item.community_id)))


@router.post("/v1/moderation-items/{moderation_item_id}/decide")
@operation(permission=MODERATION_DECIDE, problems=[ILLEGAL_TRANSITION, CONFLICT_OF_INTEREST, TEXT_CHANGED])
async def decide_moderation_item(moderation_item_id: UUID, body: ModerationDecision, work: Write) -> ModerationPublic:
    """Release a text, as it is or with what you write instead, return it with a reason to its author, or remove it.

    `revision` is the one that you read: if the author wrote something else since, or somebody decided, nothing happens (409 `text_changed`, `illegal_transition`).
    """
    item, standing = await service.decide(work, moderation_item_id, body)
    return await shown(work, item, standing)
