"""HTTP of insights."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from chassis.locale import Locale
from chassis.problems import ILLEGAL_TRANSITION
from chassis.security.authority import authorize
from chassis.web.dependencies import IfMatch, Localised, Read, Write
from chassis.web.etags import created, set_etag
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate_together
from chassis.web.work import Work
from services.analytics.insights import queries, service
from services.analytics.insights.access import permitted
from services.analytics.insights.models import Insight
from services.analytics.insights.rules import Severity, Status
from services.analytics.insights.schemas import (
    SEVERITY,
    STATUS,
    InsightAcknowledge,
    InsightAct,
    InsightClose,
    InsightDetails,
    InsightPatch,
    InsightPublic,
    InsightRaise,
)
from services.analytics.insights.views import listed, shown
from services.analytics.permissions import INSIGHTS_ACT, INSIGHTS_READ

router = api_router(tags=["Insights"])

ONE = "/v1/insights/{insight_id}"


@router.post("/v1/insights", status_code=201)
@operation(permission=INSIGHTS_ACT)
async def raise_insight(body: InsightRaise, work: Write, response: Response, locale: Localised) -> InsightDetails:
    """Raise an insight by hand: what you saw, and what you changed about it if you did already."""
    insight = await service.raise_by_hand(work, body)
    created(response, f"/v1/insights/{insight.id}")
    return await _shown(work, insight, response, locale)


@router.get("/v1/insights")
@operation(permission=INSIGHTS_READ)
async def list_insights(
    community_id: UUID,
    work: Read,
    page: PageQuery,
    locale: Localised,
    code: Annotated[str | None, Query(max_length=40, description="The rule that found it.")] = None,
    severity: Annotated[Severity | None, Query(), SEVERITY] = None,
    status: Annotated[Status | None, Query(), STATUS] = None,
    mine: Annotated[bool, Query(description="Only what the caller owns.")] = False,
    effect_due: Annotated[
        bool, Query(description="Only what was acted upon so long ago that one can see what came of it.")
    ] = False,
) -> Page[InsightPublic]:
    """List a community's insights, the latest first."""
    standing = await authorize(work.session, work.caller, INSIGHTS_READ, community_id, now=work.now)
    wanted = queries.Wanted(
        community_id,
        code=code,
        severity=severity,
        status=status,
        owner_id=standing.member_id if mine else None,
        due_by=await queries.today_in(work.session, community_id, work.now) if effect_due else None,
    )
    return await paginate_together(
        work.session,
        queries.listing(wanted),
        page=page,
        to=lambda rows: listed(work, rows, standing, locale),
    )


@router.get(ONE)
@operation(permission=INSIGHTS_READ)
async def read_insight(insight_id: UUID, work: Read, response: Response, locale: Localised) -> InsightDetails:
    """Read an insight."""
    return await _shown(work, (await permitted(work, insight_id)).insight, response, locale)


@router.patch(ONE)
@operation(permission=INSIGHTS_ACT, problems=[ILLEGAL_TRANSITION])
async def update_insight(
    insight_id: UUID, body: InsightPatch, if_match: IfMatch, work: Write, response: Response, locale: Localised
) -> InsightDetails:
    """Give an open insight an owner, a note, or another severity."""
    return await _shown(work, await service.change(work, insight_id, body, if_match), response, locale)


@router.post(f"{ONE}/acknowledge")
@operation(permission=INSIGHTS_ACT, problems=[ILLEGAL_TRANSITION])
async def acknowledge_insight(
    insight_id: UUID, work: Write, response: Response, locale: Localised, body: InsightAcknowledge | None = None
) -> InsightDetails:
    """Take up a new insight; you own it unless you name another."""
    insight = await service.acknowledge(work, insight_id, body or InsightAcknowledge())
    return await _shown(work, insight, response, locale)


@router.post(f"{ONE}/act")
@operation(permission=INSIGHTS_ACT, problems=[ILLEGAL_TRANSITION])
async def act_on_insight(
    insight_id: UUID, body: InsightAct, work: Write, response: Response, locale: Localised
) -> InsightDetails:
    """Say what was changed about an insight that was acknowledged, and since when."""
    return await _shown(work, await service.act(work, insight_id, body), response, locale)


@router.post(f"{ONE}/resolve")
@operation(permission=INSIGHTS_ACT, problems=[ILLEGAL_TRANSITION])
async def resolve_insight(
    insight_id: UUID, work: Write, response: Response, locale: Localised, body: InsightClose | None = None
) -> InsightDetails:
    """Settle an insight that was acted upon."""
    return await _shown(work, await service.resolve(work, insight_id, body or InsightClose()), response, locale)


@router.post(f"{ONE}/dismiss")
@operation(permission=INSIGHTS_ACT, problems=[ILLEGAL_TRANSITION])
async def dismiss_insight(
    insight_id: UUID, work: Write, response: Response, locale: Localised, body: InsightClose | None = None
) -> InsightDetails:
    """Say that nothing is to be done about an insight."""
    return await _shown(work, await service.dismiss(work, insight_id, body or InsightClose()), response, locale)


async def _shown(work: Work, insight: Insight, response: Response, locale: Locale) -> InsightDetails:
    set_etag(response, insight.version)
    return await shown(work, insight, locale)
