"""HTTP of communities."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query, Response
from fastapi.responses import RedirectResponse
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.problems import ILLEGAL_TRANSITION, Problem
from chassis.security.authority import COMMUNITIES_READ, authorize
from chassis.security.caller import Caller
from chassis.web.dependencies import CallerDep, IfMatch, MaybeCaller, Now, Reading, Transaction
from chassis.web.etags import created, set_etag
from chassis.web.named import Named
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate, paginate_together
from chassis.web.schemas import Viewer
from chassis.web.values import Version
from services.membership.communities import naming, queries, service
from services.membership.communities.models import Charter, Community
from services.membership.communities.problems import COMMUNITY_INCOMPLETE, SLUG_TAKEN
from services.membership.communities.rules import Kind, Status
from services.membership.communities.schemas import (
    KIND,
    STATUS,
    CharterContent,
    CharterPublic,
    CommunityCreate,
    CommunityName,
    CommunityPatch,
    CommunityPublic,
)
from services.membership.communities.standings import standings_in, teams_of
from services.membership.people.access import require_active
from services.membership.permissions import COMMUNITIES_CREATE, COMMUNITIES_GOVERN, COMMUNITIES_UPDATE
from services.membership.refusals import UNKNOWN_COHORT, UNKNOWN_PERSON

Seen = Annotated[CommunityPublic | CommunityName, Named("CommunitySeen")]

router = api_router(tags=["Communities"])

ONE = "/v1/communities/{community_id}"


async def _written(
    session: AsyncSession, caller: Caller, community: Community, response: Response, now: datetime
) -> CommunityPublic:
    """What a command made of a community, and what the caller can do with it next."""
    charter, viewer = await service.read_back(session, caller=caller, community_id=community.id, now=now)
    return await _shown(session, caller, community, charter, viewer, response, now)


async def _shown(
    session: AsyncSession,
    caller: Caller | None,
    community: Community,
    charter: Charter | None,
    viewer: Viewer,
    response: Response,
    now: datetime,
) -> CommunityPublic:
    set_etag(response, community.version)
    shown = CommunityPublic.model_validate(community)
    shown.charter = CharterContent.model_validate(charter.content) if charter else None
    shown.operating_team = (await teams_of(session, caller, [community], now))[community.operated_by]
    shown.waiting = await naming.waiting_of(session, community, viewer)
    shown.viewer = viewer
    return shown


@router.post("/v1/communities", status_code=201)
@operation(permission=COMMUNITIES_CREATE, problems=[SLUG_TAKEN, UNKNOWN_PERSON])
async def create_community(
    body: CommunityCreate, caller: CallerDep, session: Transaction, now: Now, response: Response
) -> CommunityPublic:
    """Create a community as a draft with an owner."""
    community = await service.create(session, caller=caller, body=body, now=now)
    created(response, f"/v1/communities/{community.id}")
    return await _written(session, caller, community, response, now)


@router.get("/v1/communities")
@operation(permission=COMMUNITIES_READ)
async def list_communities(
    caller: MaybeCaller,
    session: Reading,
    now: Now,
    page: PageQuery,
    mine: Annotated[bool, Query(description="Only communities that the caller is a member of.")] = False,
    status: Annotated[Status, STATUS] | None = None,
    kind: Annotated[Kind, KIND] | None = None,
) -> Page[CommunityPublic]:
    """List the communities that the caller may see, the newest first."""
    if caller is not None and caller.kind == "person":
        await require_active(session, caller)
    listing = queries.communities(caller, mine=mine, status=status, kind=kind, now=now)

    async def shown(communities: Sequence[Community]) -> list[CommunityPublic]:
        standings = await standings_in(session, caller, communities, now)
        viewers = await service.viewers_of(session, communities, standings, now)
        teams = await teams_of(session, caller, communities, now)
        listed = [CommunityPublic.model_validate(one) for one in communities]
        for one in listed:
            one.operating_team, one.viewer = teams[one.operated_by], viewers[one.id]
        return listed

    return await paginate_together(session, listing, page=page, to=shown)


@router.get("/v1/communities/by-slug/{slug}", responses={308: {"description": "The community has another slug now"}})
@operation(permission=COMMUNITIES_READ)
async def read_community_by_slug(
    slug: str, caller: MaybeCaller, session: Reading, now: Now, response: Response
) -> CommunityPublic:
    """Read a community by its slug. A former slug redirects to the current one."""
    community_id = await service.by_slug(session, slug)
    community, charter, viewer = await service.read(session, caller=caller, community_id=community_id, now=now)
    if community.slug != slug:
        return RedirectResponse(f"/v1/communities/by-slug/{community.slug}", status_code=308)  # type: ignore[return-value]
    return await _shown(session, caller, community, charter, viewer, response, now)


@router.get(ONE)
@operation(permission=COMMUNITIES_READ)
async def read_community(
    community_id: UUID, caller: MaybeCaller, session: Reading, now: Now, response: Response
) -> Seen:
    """Read a community. Suspended members see only its name."""
    try:
        community, charter, viewer = await service.read(session, caller=caller, community_id=community_id, now=now)
    except Problem as problem:
        if problem.type.code != "forbidden" or caller is None:
            raise
        suspended_from = await queries.suspended_from(session, caller, community_id, now)
        if suspended_from is None:
            raise
        return CommunityName.model_validate(suspended_from)
    return await _shown(session, caller, community, charter, viewer, response, now)


@router.patch(ONE)
@operation(permission=COMMUNITIES_UPDATE, problems=[SLUG_TAKEN, UNKNOWN_COHORT])
async def update_community(
    community_id: UUID,
    body: CommunityPatch,
    if_match: IfMatch,
    caller: CallerDep,
    session: Transaction,
    now: Now,
    response: Response,
) -> CommunityPublic:
    """Change a community by merge patch."""
    community = await service.change(
        session, caller=caller, community_id=community_id, body=body, if_match=if_match, now=now
    )
    return await _written(session, caller, community, response, now)


@router.post(f"{ONE}/open")
@operation(permission=COMMUNITIES_GOVERN, problems=[COMMUNITY_INCOMPLETE, ILLEGAL_TRANSITION])
async def open_community(
    community_id: UUID, caller: CallerDep, session: Transaction, now: Now, response: Response
) -> CommunityPublic:
    """Open a draft. It needs a positioning, a charter and an owner."""
    community = await service.move(session, caller=caller, community_id=community_id, action="open", now=now)
    return await _written(session, caller, community, response, now)


@router.post(f"{ONE}/archive")
@operation(permission=COMMUNITIES_GOVERN)
async def archive_community(
    community_id: UUID, caller: CallerDep, session: Transaction, now: Now, response: Response
) -> CommunityPublic:
    """Archive a community. Everything in it becomes read-only."""
    community = await service.move(session, caller=caller, community_id=community_id, action="archive", now=now)
    return await _written(session, caller, community, response, now)


@router.post(f"{ONE}/charters", status_code=201)
@operation(
    permission=COMMUNITIES_UPDATE,
    existing="The current version, if nothing differs from it.",
)
async def publish_charter(
    community_id: UUID,
    body: CharterContent,
    caller: CallerDep,
    session: Transaction,
    now: Now,
    response: Response,
) -> CharterPublic:
    """Publish a version of the charter. If nothing differs from the current version, the answer is that version, as 200."""
    charter, new = await service.publish_charter(session, caller=caller, community_id=community_id, body=body, now=now)
    response.status_code = 201 if new else 200
    created(response, f"/v1/communities/{community_id}/charters/{charter.version}")
    return CharterPublic.model_validate(charter)


@router.get(f"{ONE}/charters")
@operation(permission=COMMUNITIES_READ)
async def list_charters(
    community_id: UUID, caller: MaybeCaller, session: Reading, now: Now, page: PageQuery
) -> Page[CharterPublic]:
    """List the versions of a community's charter, the newest first."""
    await authorize(session, caller, COMMUNITIES_READ, community_id, now=now)
    return await paginate(session, queries.charters(community_id), page=page, to=CharterPublic.model_validate)


@router.get(f"{ONE}/charters/{{version}}")
@operation(permission=COMMUNITIES_READ)
async def read_charter(
    community_id: UUID, version: Version, caller: MaybeCaller, session: Reading, now: Now
) -> CharterPublic:
    """Read one version of a charter."""
    await authorize(session, caller, COMMUNITIES_READ, community_id, now=now)
    return CharterPublic.model_validate(await queries.charter(session, community_id, version))
