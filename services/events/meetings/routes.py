"""HTTP of meetings and action items."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from chassis.problems import ILLEGAL_TRANSITION
from chassis.projections.members import own_memberships
from chassis.security.authority import authorize
from chassis.web.dependencies import IfMatch, Read, Write
from chassis.web.etags import created, set_etag
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate_together
from chassis.web.values import Day
from chassis.web.work import Work
from services.events.meetings import queries, service
from services.events.meetings.access import SeenItem, seen_item, seen_meeting
from services.events.meetings.schemas import (
    ITEM_STATUS,
    ActionItemClose,
    ActionItemCreate,
    ActionItemPatch,
    ActionItemPublic,
    ItemStatus,
    MeetingPatch,
    MeetingPublic,
)
from services.events.meetings.views import item_shown, items_shown, meeting_shown, owners_of
from services.events.permissions import (
    ACTION_ITEMS_ASSIGN,
    ACTION_ITEMS_COMPLETE,
    ACTION_ITEMS_READ,
    MEETINGS_READ,
    MEETINGS_WRITE,
)

router = api_router(tags=["Meetings"])

MEETING = "/v1/meetings/{activity_id}"
ITEM = "/v1/action-items/{action_item_id}"


@router.get(MEETING)
@operation(permission=MEETINGS_READ)
async def read_meeting(activity_id: UUID, work: Read, response: Response) -> MeetingPublic:
    """Read a meeting that you are invited to: its agenda, its minutes, and what is still to be done."""
    seen = await seen_meeting(work, activity_id, of=MEETINGS_READ)
    set_etag(response, seen.meeting.version)
    return await meeting_shown(work, seen)


@router.patch(MEETING)
@operation(permission=MEETINGS_WRITE)
async def update_meeting(
    activity_id: UUID, body: MeetingPatch, if_match: IfMatch, work: Write, response: Response
) -> MeetingPublic:
    """Write the agenda, the minutes or the decisions of a meeting."""
    seen = await service.write(work, activity_id, body, if_match)
    set_etag(response, seen.meeting.version)
    return await meeting_shown(work, seen)


@router.post("/v1/action-items", status_code=201)
@operation(permission=ACTION_ITEMS_ASSIGN)
async def create_action_item(body: ActionItemCreate, work: Write, response: Response) -> ActionItemPublic:
    """Have a member do something until a day. It lives on until it is done or dropped."""
    seen = await service.assign(work, body)
    created(response, f"/v1/action-items/{seen.item.id}")
    return await _shown(work, seen, response)


@router.get("/v1/action-items")
@operation(permission=ACTION_ITEMS_READ)
async def list_action_items(
    work: Read,
    page: PageQuery,
    community_id: Annotated[UUID | None, Query(description="The caller's own of all communities unless given.")] = None,
    activity_id: Annotated[UUID | None, Query(description="Only what came out of this meeting.")] = None,
    status: Annotated[ItemStatus | None, Query(), ITEM_STATUS] = None,
    due_before: Annotated[Day | None, Query()] = None,
) -> Page[ActionItemPublic]:
    """List action items, the first due first: all for those who run the community, their own for others."""
    standing, owners = None, None
    if community_id is None:
        owners = await own_memberships(work.session, work.caller, reading_at=work.now) if work.caller else []
    else:
        standing = await authorize(
            work.session, work.caller, ACTION_ITEMS_READ, community_id, assigned=True, now=work.now
        )
        owners = None if standing.sees_all else owners_of(standing)
    wanted = queries.Wanted(
        community_id=community_id, owner_ids=owners, activity_id=activity_id, status=status, due_before=due_before
    )
    return await paginate_together(
        work.session,
        queries.listing(work.session, wanted),
        page=page,
        to=lambda rows: items_shown(work, rows, standing, invited=True),
    )


@router.get(ITEM)
@operation(permission=ACTION_ITEMS_READ)
async def read_action_item(action_item_id: UUID, work: Read, response: Response) -> ActionItemPublic:
    """Read what somebody is to do."""
    return await _shown(work, await seen_item(work, action_item_id, of=ACTION_ITEMS_READ), response)


@router.patch(ITEM)
@operation(permission=ACTION_ITEMS_ASSIGN, problems=[ILLEGAL_TRANSITION])
async def update_action_item(
    action_item_id: UUID, body: ActionItemPatch, if_match: IfMatch, work: Write, response: Response
) -> ActionItemPublic:
    """Let another do it, or until another day."""
    return await _shown(work, await service.change(work, action_item_id, body, if_match), response)


@router.post(f"{ITEM}/close")
@operation(permission=ACTION_ITEMS_COMPLETE, problems=[ILLEGAL_TRANSITION])
async def close_action_item(
    action_item_id: UUID, body: ActionItemClose, work: Write, response: Response
) -> ActionItemPublic:
    """Say that it is done; or, if you assign it, that nobody does it any more."""
    return await _shown(work, await service.close(work, action_item_id, body), response)


async def _shown(work: Work, seen: SeenItem, response: Response) -> ActionItemPublic:
    set_etag(response, seen.item.version)
    return await item_shown(work, seen)
