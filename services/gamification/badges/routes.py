"""HTTP of badges."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from chassis.database.listing import of_community
from chassis.locale import Locale
from chassis.problems import ALREADY_EXISTS, CONFLICT_OF_INTEREST, ILLEGAL_TRANSITION
from chassis.security.authority import authorize
from chassis.web.dependencies import IfMatch, Localised, Read, Write
from chassis.web.etags import created, set_etag
from chassis.web.jobs import JobPublic, accepted_job, job_routes
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate_together
from chassis.web.work import Work
from services.gamification.badges import granting, service
from services.gamification.badges.models import Badge
from services.gamification.badges.schemas import (
    BadgeAwardPublic,
    BadgeCreate,
    BadgeDecision,
    BadgeGrant,
    BadgePatch,
    BadgePublic,
)
from services.gamification.badges.views import awards, awards_public, badges_public
from services.gamification.permissions import BADGES_AWARD, BADGES_READ, BADGES_REVOKE, BADGES_WRITE

router = api_router(tags=["Badges"])

ALL = "/v1/badges"
ONE = "/v1/badges/{badge_id}"
GRANTS = "/v1/badges/grants"


@router.post(ALL, status_code=201)
@operation(permission=BADGES_WRITE, problems=[ALREADY_EXISTS, service.TOO_MANY_BADGES])
async def create_badge(body: BadgeCreate, work: Write, response: Response, locale: Localised) -> BadgePublic:
    """Make a badge. Members who fulfil it from now on are awarded it at once; those who did before, on request (`grants`)."""
    badge = await service.create_badge(work, body)
    created(response, f"{ALL}/{badge.id}")
    return await _shown(work, badge, response, locale)


@router.get(ALL)
@operation(permission=BADGES_READ)
async def list_badges(community_id: UUID, work: Read, page: PageQuery, locale: Localised) -> Page[BadgePublic]:
    """List a community's badges."""
    standing = await authorize(work.session, work.caller, BADGES_READ, community_id, now=work.now)
    return await paginate_together(
        work.session,
        of_community(Badge, community_id),
        page=page,
        to=lambda rows: badges_public(work, rows, standing.member_id, locale),
    )


@router.get(f"{ALL}/awards")
@operation(permission=BADGES_READ)
async def list_badge_awards(
    community_id: UUID,
    work: Read,
    page: PageQuery,
    locale: Localised,
    badge_id: Annotated[UUID | None, Query(description="Only of this badge.")] = None,
    member_id: Annotated[UUID | None, Query(description="Only of this member.")] = None,
    revoked: Annotated[bool, Query(description="Include those that were taken back.")] = False,
) -> Page[BadgeAwardPublic]:
    """List who has which badges, the latest first."""
    await work.permit(community_id)
    found = awards(community_id, badge_id=badge_id, member_id=member_id, revoked=revoked)
    return await paginate_together(work.session, found, page=page, to=lambda rows: awards_public(work, rows, locale))


@router.post(GRANTS, status_code=202)
@operation(permission=BADGES_AWARD, problems=[ILLEGAL_TRANSITION])
async def grant_badge(body: BadgeGrant, work: Write, response: Response) -> JobPublic:
    """Award a badge to all who fulfil it already, also by deeds that an import brought in.

    Whose badge was revoked is not awarded it again by this. `result` says how many were `awarded`; of a dry run, how many would be.
    """
    job_id = await granting.start_granting(work, body)
    return await accepted_job(work.session, job_id, response, GRANTS)


job_routes(router, prefix=GRANTS, kind=granting.GRANTING, permission=BADGES_AWARD, name="badge_grant", errors=False)


@router.get(ONE)
@operation(permission=BADGES_READ)
async def read_badge(badge_id: UUID, work: Read, response: Response, locale: Localised) -> BadgePublic:
    """Read a badge."""
    return await _shown(work, await work.permitted(Badge, badge_id), response, locale)


@router.patch(ONE)
@operation(permission=BADGES_WRITE)
async def update_badge(
    badge_id: UUID, body: BadgePatch, if_match: IfMatch, work: Write, response: Response, locale: Localised
) -> BadgePublic:
    """Change a badge. That is a new version; who has the badge keeps it, in the version by which they were awarded it."""
    badge = await service.change_badge(work, badge_id, body, if_match)
    return await _shown(work, badge, response, locale)


@router.post(f"{ONE}/award")
@operation(permission=BADGES_AWARD, problems=[ALREADY_EXISTS, CONFLICT_OF_INTEREST, ILLEGAL_TRANSITION])
async def award_badge(badge_id: UUID, body: BadgeDecision, work: Write, locale: Localised) -> BadgeAwardPublic:
    """Award a badge by hand, with a reason that stands in the audit trail. Nobody awards one to themselves."""
    given = await service.give_badge(work, badge_id, body.member_id, body.reason)
    return (await awards_public(work, [given], locale))[0]


@router.post(f"{ONE}/revoke")
@operation(permission=BADGES_REVOKE, problems=[CONFLICT_OF_INTEREST])
async def revoke_badge(badge_id: UUID, body: BadgeDecision, work: Write, locale: Localised) -> BadgeAwardPublic:
    """Revoke a member's badge, with a reason that stands in the audit trail. It is awarded again only by hand."""
    taken = await service.revoke_badge(work, badge_id, body.member_id, body.reason)
    return (await awards_public(work, [taken], locale))[0]


async def _shown(work: Work, badge: Badge, response: Response, locale: Locale) -> BadgePublic:
    set_etag(response, badge.version)
    standing = await authorize(work.session, work.caller, BADGES_READ, badge.community_id, now=work.now)
    return (await badges_public(work, [badge], standing.member_id, locale))[0]
