"""HTTP of activities."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from chassis.forms.problems import FORM_REFUSED
from chassis.problems import ILLEGAL_TRANSITION, PRECONDITION_FAILED, PRECONDITION_REQUIRED
from chassis.web.dependencies import IfMatch, Read, Write
from chassis.web.etags import created, set_etag
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate_together
from chassis.web.spans import SpanQuery
from chassis.web.tags import Tag
from chassis.web.work import Work
from services.events.activities import listing, queries, service
from services.events.activities.access import SeenActivity, seen_activity
from services.events.activities.rules import Kind, Mode, Status
from services.events.activities.schemas import (
    KIND,
    MODE,
    SORT,
    STATUS,
    ActivityCreate,
    ActivityListed,
    ActivityMove,
    ActivityPatch,
    ActivityPublic,
    ReasonGiven,
)
from services.events.activities.views import listed, shown
from services.events.permissions import (
    ACTIVITIES_ANNOUNCE,
    ACTIVITIES_CANCEL,
    ACTIVITIES_MOVE,
    ACTIVITIES_READ,
    ACTIVITIES_WRITE,
)

router = api_router(tags=["Activities"])

ONE = "/v1/activities/{activity_id}"
VERSIONED = [ILLEGAL_TRANSITION, PRECONDITION_FAILED, PRECONDITION_REQUIRED]


@router.post("/v1/activities", status_code=201)
@operation(permission=ACTIVITIES_WRITE, problems=[FORM_REFUSED])
async def create_activity(body: ActivityCreate, work: Write, response: Response) -> ActivityPublic:
    """Prepare an activity. Until it is announced, only those who run it know of it."""
    found = await service.create(work, body)
    created(response, f"/v1/activities/{found.activity.id}")
    return await _shown(work, found, response)


@router.get("/v1/activities")
@operation(permission=ACTIVITIES_READ)
async def list_activities(
    work: Read,
    page: PageQuery,
    span: SpanQuery,
    community_id: Annotated[UUID | None, Query(description="All of the caller's own unless given.")] = None,
    kind: Annotated[Kind | None, Query(), KIND] = None,
    mode: Annotated[Mode | None, Query(), MODE] = None,
    status: Annotated[Status | None, Query(), STATUS] = None,
    tag: Annotated[Tag | None, Query()] = None,
    mine: Annotated[bool, Query(description="Only those that the caller registered for or speaks at.")] = False,
    organised: Annotated[bool, Query(description="Only those that the caller runs.")] = False,
    speaking: Annotated[bool, Query(description="Only those at which the caller speaks.")] = False,
    series_id: Annotated[UUID | None, Query(description="Only the dates of a series.")] = None,
    sort: Annotated[queries.Sort, Query(), SORT] = "starts_at",
) -> Page[ActivityListed]:
    """List activities by their start; of a span what goes on in it, whenever it began."""
    asked = queries.Wanted(
        community_ids=[],
        kind=kind,
        mode=mode,
        status=status,
        tag=tag,
        organised=organised,
        speaking=speaking,
        series_id=series_id,
        sort=sort,
    )
    wanted, standing = await listing.wanted_by(work, asked, community_id, span, mine=mine)
    return await paginate_together(
        work.session,
        queries.listing(work.session, wanted),
        page=page,
        to=lambda rows: listed(work, rows, standing),
    )


@router.get(ONE)
@operation(permission=ACTIVITIES_READ, guests=True)
async def read_activity(activity_id: UUID, work: Read, response: Response) -> ActivityPublic:
    """Read an activity. How to join is read by those who have a seat, speak there or run it."""
    return await _shown(work, await seen_activity(work, activity_id), response)


@router.patch(ONE)
@operation(permission=ACTIVITIES_WRITE, problems=[ILLEGAL_TRANSITION])
async def update_activity(
    activity_id: UUID, body: ActivityPatch, if_match: IfMatch, work: Write, response: Response
) -> ActivityPublic:
    """Change an activity. More seats go to those who wait; fewer take none from those who have one."""
    return await _shown(work, await service.edit(work, activity_id, body, if_match), response)


@router.post(f"{ONE}/announce")
@operation(permission=ACTIVITIES_ANNOUNCE, problems=VERSIONED)
async def announce_activity(activity_id: UUID, if_match: IfMatch, work: Write, response: Response) -> ActivityPublic:
    """Announce an activity: members know of it, and can register."""
    return await _shown(work, await service.announce(work, activity_id, if_match), response)


@router.post(f"{ONE}/move")
@operation(permission=ACTIVITIES_MOVE, problems=VERSIONED)
async def move_activity(
    activity_id: UUID, body: ActivityMove, if_match: IfMatch, work: Write, response: Response
) -> ActivityPublic:
    """Move an announced activity to another time. Who registered keeps the seat, and is asked whether they still come."""
    return await _shown(work, await service.move(work, activity_id, body, if_match), response)


@router.post(f"{ONE}/cancel")
@operation(permission=ACTIVITIES_CANCEL, problems=VERSIONED)
async def cancel_activity(
    activity_id: UUID, body: ReasonGiven, if_match: IfMatch, work: Write, response: Response
) -> ActivityPublic:
    """Cancel an activity, and say why. All registrations end."""
    return await _shown(work, await service.cancel(work, activity_id, body, if_match), response)


async def _shown(work: Work, found: SeenActivity, response: Response) -> ActivityPublic:
    set_etag(response, found.activity.version)
    return await shown(work, found)
