"""HTTP of seasons."""

from collections.abc import Sequence
from uuid import UUID

from fastapi import Response

from chassis.security.authority import authorize
from chassis.web.dependencies import IfMatch, Read, Write
from chassis.web.etags import created, set_etag
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate_together
from services.gamification.permissions import SEASONS_READ, SEASONS_WRITE
from services.gamification.seasons import problems, queries, service
from services.gamification.seasons.models import Season
from services.gamification.seasons.schemas import SeasonCreate, SeasonPatch, SeasonPublic
from services.gamification.seasons.service import SeenSeason
from services.gamification.seasons.views import shown

router = api_router(tags=["Seasons"])

ALL = "/v1/seasons"
ONE = "/v1/seasons/{season_id}"


@router.post(ALL, status_code=201)
@operation(permission=SEASONS_WRITE, problems=[problems.SEASONS_OVERLAP])
async def create_season(body: SeasonCreate, work: Write, response: Response) -> SeasonPublic:
    """Announce a season: a board of its own, from a day to come, and prizes for its first.

    Prizes are paid from the board once it is frozen, 24 h after the last day.
    """
    seen = await service.announce(work, body)
    created(response, f"{ALL}/{seen.season.id}")
    return _shown(seen, response)


@router.get(ALL)
@operation(permission=SEASONS_READ)
async def list_seasons(community_id: UUID, work: Read, page: PageQuery) -> Page[SeasonPublic]:
    """List a community's seasons, the latest first."""
    standing = await authorize(work.session, work.caller, SEASONS_READ, community_id, now=work.now)
    today = standing.community.day_of(work.now)

    async def public(rows: Sequence[Season]) -> list[SeasonPublic]:
        freezes = await queries.freezes_of(work.session, rows)
        return [shown(SeenSeason(row, freezes.get(row.id), standing, today)) for row in rows]

    return await paginate_together(work.session, queries.listing(community_id), page=page, to=public)


@router.get(ONE)
@operation(permission=SEASONS_READ)
async def read_season(season_id: UUID, work: Read, response: Response) -> SeasonPublic:
    """Read a season."""
    return _shown(await service.seen_season(work, season_id), response)


@router.patch(ONE)
@operation(permission=SEASONS_WRITE, problems=[problems.SEASON_STARTED, problems.SEASON_CLOSED])
async def update_season(
    season_id: UUID, body: SeasonPatch, if_match: IfMatch, work: Write, response: Response
) -> SeasonPublic:
    """Call a season otherwise, or change its prizes before it begins."""
    return _shown(await service.change(work, season_id, body, if_match), response)


@router.post(f"{ONE}/cancel")
@operation(permission=SEASONS_WRITE, problems=[problems.SEASON_STARTED, problems.SEASON_CLOSED])
async def cancel_season(season_id: UUID, work: Write, response: Response) -> SeasonPublic:
    """Call off a season that has not begun. Again, it changes nothing."""
    return _shown(await service.cancel(work, season_id), response)


def _shown(seen: SeenSeason, response: Response) -> SeasonPublic:
    set_etag(response, seen.season.version)
    return shown(seen)
