"""HTTP of series."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from chassis.problems import ILLEGAL_TRANSITION, PRECONDITION_FAILED, PRECONDITION_REQUIRED
from chassis.security.authority import authorize
from chassis.security.permissions import Reach
from chassis.web.dependencies import IfMatch, Localised, Read, Write
from chassis.web.etags import created, set_etag
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate_together
from chassis.web.work import Work
from services.events.permissions import (
    ACTIVITIES_ANNOUNCE,
    ACTIVITIES_CANCEL,
    ACTIVITIES_MOVE,
    ACTIVITIES_READ,
    ACTIVITIES_WRITE,
    REGISTRATIONS_CANCEL,
    REGISTRATIONS_CREATE,
)
from services.events.series import editing, joining, moving, queries, service
from services.events.series.access import SeenSeries, seen_series
from services.events.series.problems import NOTHING_TO_COME
from services.events.series.schemas import (
    SeriesCancel,
    SeriesCreate,
    SeriesExtend,
    SeriesJoin,
    SeriesListed,
    SeriesMove,
    SeriesOutcome,
    SeriesPatch,
    SeriesPublic,
)
from services.events.series.views import answered, listed, shown

router = api_router(tags=["Series"])

ONE = "/v1/series/{series_id}"
VERSIONED = [ILLEGAL_TRANSITION, PRECONDITION_FAILED, PRECONDITION_REQUIRED]


@router.post("/v1/series", status_code=201)
@operation(permission=ACTIVITIES_WRITE)
async def create_series(body: SeriesCreate, work: Write, response: Response) -> SeriesPublic:
    """Prepare activities that come weekly or monthly. Each date is an activity, and can be changed by itself."""
    found = await service.create(work, body)
    created(response, f"/v1/series/{found.series.id}")
    return await _shown(work, found, response)


@router.get("/v1/series")
@operation(permission=ACTIVITIES_READ)
async def list_series(community_id: Annotated[UUID, Query()], work: Read, page: PageQuery) -> Page[SeriesListed]:
    """List the series of a community, the newest first."""
    standing = await authorize(work.session, work.caller, ACTIVITIES_READ, community_id, now=work.now)
    sees_drafts = Reach.ALL in ACTIVITIES_WRITE.reach(standing.columns)
    found = queries.listing(community_id, member_id=standing.member_id, sees_drafts=sees_drafts)
    return await paginate_together(work.session, found, page=page, to=lambda rows: listed(work, rows))


@router.get(ONE)
@operation(permission=ACTIVITIES_READ)
async def read_series(series_id: UUID, work: Read, response: Response) -> SeriesPublic:
    """Read a series with all its dates."""
    return await _shown(work, await seen_series(work, series_id), response)


@router.patch(ONE)
@operation(permission=ACTIVITIES_WRITE, problems=[ILLEGAL_TRANSITION])
async def update_series(
    series_id: UUID, body: SeriesPatch, if_match: IfMatch, work: Write, response: Response
) -> SeriesPublic:
    """Change what all dates have from a day on. Registrations stay; a date that was changed by itself keeps that."""
    return await _shown(work, await editing.edit(work, series_id, body, if_match), response)


@router.post(f"{ONE}/announce")
@operation(permission=ACTIVITIES_ANNOUNCE, problems=VERSIONED)
async def announce_series(series_id: UUID, if_match: IfMatch, work: Write, response: Response) -> SeriesPublic:
    """Announce every date to come: members know of them, and can register for one or for all."""
    return await _shown(work, await service.announce(work, series_id, if_match), response)


@router.post(f"{ONE}/move")
@operation(permission=ACTIVITIES_MOVE, problems=[*VERSIONED, NOTHING_TO_COME])
async def move_series(
    series_id: UUID, body: SeriesMove, if_match: IfMatch, work: Write, response: Response
) -> SeriesPublic:
    """Move the dates from a day on to other days, or to another time of day. Who registered is asked whether they still come."""
    return await _shown(work, await moving.move(work, series_id, body, if_match), response)


@router.post(f"{ONE}/cancel")
@operation(permission=ACTIVITIES_CANCEL, problems=VERSIONED)
async def cancel_series(
    series_id: UUID, body: SeriesCancel, if_match: IfMatch, work: Write, response: Response
) -> SeriesPublic:
    """Cancel the dates from a day on, or the whole series, and say why. All registrations for them end."""
    return await _shown(work, await moving.cancel(work, series_id, body, if_match), response)


@router.post(f"{ONE}/extend")
@operation(permission=ACTIVITIES_WRITE, problems=VERSIONED)
async def extend_series(
    series_id: UUID, body: SeriesExtend, if_match: IfMatch, work: Write, response: Response
) -> SeriesPublic:
    """Add dates after the last one. Members know of them when they are announced."""
    return await _shown(work, await service.extend(work, series_id, body, if_match), response)


@router.post(f"{ONE}/join")
@operation(permission=REGISTRATIONS_CREATE, problems=[NOTHING_TO_COME])
async def join_series(series_id: UUID, body: SeriesJoin, work: Write, locale: Localised) -> SeriesOutcome:
    """Register for all dates to come. Each date has its own outcome: a seat, a place in its line, or why neither."""
    return await answered(work, await joining.join(work, series_id, body), locale)


@router.post(f"{ONE}/leave")
@operation(permission=REGISTRATIONS_CANCEL)
async def leave_series(series_id: UUID, work: Write, locale: Localised) -> SeriesOutcome:
    """Give back your seats and places at all dates to come."""
    return await answered(work, await joining.leave(work, series_id), locale)


async def _shown(work: Work, found: SeenSeries, response: Response) -> SeriesPublic:
    set_etag(response, found.series.version)
    return await shown(work, found)
