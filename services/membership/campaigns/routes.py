"""HTTP of campaigns and their landings."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.forms.problems import FORM_REFUSED
from chassis.problems import ALREADY_EXISTS, ILLEGAL_TRANSITION, NOT_FOUND
from chassis.qr import qr_svg
from chassis.runtime import Runtime
from chassis.security.caller import Caller
from chassis.web.dependencies import CallerDep, IfMatch, Localised, MaybeCaller, Now, Reading, RuntimeDep, Transaction
from chassis.web.etags import created, set_etag
from chassis.web.media import JSON, preferred
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate_together
from chassis.web.schemas import CommunityEmbed
from chassis.web.values import Version
from services.membership.campaigns import landings, moving, service
from services.membership.campaigns.landing_page import HEADERS, page_of
from services.membership.campaigns.models import Campaign, Channel
from services.membership.campaigns.parts import channels_of, form_of, runs_campaigns
from services.membership.campaigns.problems import (
    CAMPAIGN_INCOMPLETE,
    CAMPAIGN_RUNNING,
    QUOTA_BELOW_SEATS,
)
from services.membership.campaigns.queries import campaigns_known_to
from services.membership.campaigns.requirement_texts import with_texts
from services.membership.campaigns.rules import Status
from services.membership.campaigns.schemas import (
    STATUS,
    CampaignCreate,
    CampaignPatch,
    CampaignPublic,
    ChannelCreate,
    ChannelPublic,
    FormCreate,
    FormPublic,
    LandingCommunity,
    LandingPublic,
)
from services.membership.campaigns.test_schemas import CampaignTestPublic
from services.membership.cohorts.queries import cohort_refs
from services.membership.communities.models import Community
from services.membership.communities.standings import communities_by_id, standings_in
from services.membership.people.access import require_active
from services.membership.permissions import CAMPAIGNS_READ, CAMPAIGNS_WRITE
from services.membership.refusals import UNKNOWN_COHORT, UNKNOWN_MEMBER

router = api_router(tags=["Campaigns"])
landing_router = api_router(tags=["Landings"])

ONE = "/v1/campaigns/{campaign_id}"

AS_PAGE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/html": {"schema": {"type": "string", "format": "binary"}}}},
    303: {"description": "The app's page, for a browser."},
}
_VARIES = {"Vary": "Accept, Accept-Language"}

Token = Annotated[str, Path(min_length=8, max_length=32)]


def _shown(campaign: Campaign, channels: list[Channel], now: datetime, *, base: str | None) -> CampaignPublic:
    values = {name: getattr(campaign, name) for name in CampaignPublic.model_fields if hasattr(campaign, name)}
    values |= {"status": campaign.status_at(now), "requirements": with_texts(campaign.requirements)}
    values["test"] = _test(campaign, base)
    values["channels"] = [_channel(channel, base) for channel in channels if channel.campaign_id == campaign.id]
    return CampaignPublic.model_validate(values)


def _test(campaign: Campaign, base: str | None) -> CampaignTestPublic | None:
    if campaign.test is None:
        return None
    shown = CampaignTestPublic(**{name: campaign.test[name] for name in _OF_TEST})
    if base is not None:
        shown.paper_id, shown.paper_version = UUID(campaign.test["paper_id"]), campaign.test["paper_version"]
        shown.graded_version = campaign.test_graded_version or shown.paper_version
        shown.paper_state = campaign.paper_state
        shown.grader_ids = [UUID(one) for one in campaign.test["grader_ids"]]
    return shown


_OF_TEST = ("pass_percent", "attempts", "minutes", "opens_at", "closes_at", "knock_out")


def _channel(channel: Channel, base: str | None) -> ChannelPublic:
    shown = ChannelPublic(code=channel.code, name=channel.name, kind=channel.kind)
    if base is not None:
        shown.token = channel.token
        shown.link = landings.link_of(base, channel.token)
        shown.qr = f"{landings.PATH}/{channel.token}/qr"
    return shown


def _base(runtime: Runtime) -> str:
    """What short links stand below: the app that people use, or else the API, at the address by which it is reached."""
    settings = runtime.settings
    return settings.app_url.rstrip("/") if settings.app_url else f"{(settings.public_url or '').rstrip('/')}/v1"


async def _single(
    session: AsyncSession, campaign: Campaign, response: Response, now: datetime, *, base: str | None
) -> CampaignPublic:
    set_etag(response, campaign.version)
    shown = _shown(campaign, await channels_of(session, [campaign.id]), now, base=base)
    form = await form_of(session, campaign.id, campaign.form_version)
    shown.form = form.form if form else None
    shown.cohort = (await cohort_refs(session, [campaign.cohort_id]))[campaign.cohort_id]
    shown.community = CommunityEmbed.model_validate(
        (await communities_by_id(session, [campaign.community_id]))[campaign.community_id]
    )
    return shown


async def _written(
    session: AsyncSession, caller: Caller, campaign: Campaign, response: Response, now: datetime, runtime: Runtime
) -> CampaignPublic:
    """What a command made of a campaign, and what the caller can do with it next."""
    standing = await service.read_back(session, caller=caller, campaign_id=campaign.id, now=now)
    shown = await _single(session, campaign, response, now, base=_base(runtime))
    shown.viewer = await moving.viewer_of(session, campaign, standing, now)
    return shown


@router.post("/v1/campaigns", status_code=201)
@operation(permission=CAMPAIGNS_WRITE, problems=[FORM_REFUSED, UNKNOWN_COHORT, UNKNOWN_MEMBER])
async def create_campaign(
    body: CampaignCreate, caller: CallerDep, session: Transaction, now: Now, response: Response, runtime: RuntimeDep
) -> CampaignPublic:
    """Create a campaign, as a draft."""
    campaign = await service.create(session, caller=caller, body=body, now=now)
    created(response, f"/v1/campaigns/{campaign.id}")
    return await _written(session, caller, campaign, response, now, runtime)


@router.get("/v1/campaigns")
@operation(permission=CAMPAIGNS_READ)
async def list_campaigns(
    caller: MaybeCaller,
    session: Reading,
    now: Now,
    page: PageQuery,
    community_id: UUID | None = None,
    status: Annotated[Status, STATUS] | None = None,
) -> Page[CampaignPublic]:
    """List the campaigns that the caller may see, the newest first."""
    if caller is not None and caller.kind == "person":
        await require_active(session, caller)
    listing = campaigns_known_to(caller, now, community_id=community_id, status=status)

    async def shown(campaigns: Sequence[Campaign]) -> list[CampaignPublic]:
        channels = await channels_of(session, [campaign.id for campaign in campaigns])
        communities = await communities_by_id(session, [campaign.community_id for campaign in campaigns])
        standings = await standings_in(session, caller, communities.values(), now)
        viewers = await moving.viewers_of(session, campaigns, channels, standings, now)
        cohorts = await cohort_refs(session, [campaign.cohort_id for campaign in campaigns])
        listed = [_shown(campaign, channels, now, base=None) for campaign in campaigns]
        for one in listed:
            one.cohort = cohorts[one.cohort_id]
            one.community = CommunityEmbed.model_validate(communities[one.community_id])
            one.viewer = viewers[one.id]
        return listed

    return await paginate_together(session, listing, page=page, to=shown)


@router.get(ONE)
@operation(permission=CAMPAIGNS_READ)
async def read_campaign(
    campaign_id: UUID, caller: MaybeCaller, session: Reading, now: Now, response: Response, runtime: RuntimeDep
) -> CampaignPublic:
    """Read a campaign with its form. Only those who run the campaign see its short links."""
    campaign, standing = await service.read(session, caller=caller, campaign_id=campaign_id, now=now)
    base = _base(runtime) if runs_campaigns(standing) else None
    shown = await _single(session, campaign, response, now, base=base)
    shown.viewer = await moving.viewer_of(session, campaign, standing, now)
    return shown


@router.patch(ONE)
@operation(
    permission=CAMPAIGNS_WRITE,
    problems=[CAMPAIGN_RUNNING, ILLEGAL_TRANSITION, QUOTA_BELOW_SEATS, UNKNOWN_COHORT, UNKNOWN_MEMBER],
)
async def update_campaign(
    campaign_id: UUID,
    body: CampaignPatch,
    if_match: IfMatch,
    caller: CallerDep,
    session: Transaction,
    now: Now,
    response: Response,
    runtime: RuntimeDep,
) -> CampaignPublic:
    """Change a campaign by merge patch."""
    campaign = await service.change(
        session, caller=caller, campaign_id=campaign_id, body=body, if_match=if_match, now=now
    )
    return await _written(session, caller, campaign, response, now, runtime)


@router.post(f"{ONE}/channels", status_code=201)
@operation(permission=CAMPAIGNS_WRITE, problems=[ALREADY_EXISTS, ILLEGAL_TRANSITION], located=False)
async def add_campaign_channel(
    campaign_id: UUID, body: ChannelCreate, caller: CallerDep, session: Transaction, now: Now, runtime: RuntimeDep
) -> ChannelPublic:
    """Add a channel with its short link and QR code."""
    channel = await service.add_channel(session, caller=caller, campaign_id=campaign_id, body=body, now=now)
    return _channel(channel, _base(runtime))


@router.post(f"{ONE}/forms", status_code=201)
@operation(permission=CAMPAIGNS_WRITE, problems=[FORM_REFUSED, ILLEGAL_TRANSITION])
async def add_campaign_form(
    campaign_id: UUID, body: FormCreate, caller: CallerDep, session: Transaction, now: Now, response: Response
) -> FormPublic:
    """Create a new version of the form. Existing applications keep their version."""
    added = await service.add_form(session, caller=caller, campaign_id=campaign_id, form=body.form, now=now)
    created(response, f"/v1/campaigns/{campaign_id}/forms/{added.version}")
    return FormPublic.model_validate(added)


@router.get(f"{ONE}/forms/{{version}}")
@operation(permission=CAMPAIGNS_READ)
async def read_campaign_form(
    campaign_id: UUID, version: Version, caller: MaybeCaller, session: Reading, now: Now
) -> FormPublic:
    """Read one version of a campaign's form."""
    campaign, _ = await service.read(session, caller=caller, campaign_id=campaign_id, now=now)
    form = await form_of(session, campaign.id, version)
    if form is None:
        raise NOT_FOUND()
    return FormPublic.model_validate(form)


@router.post(f"{ONE}/open")
@operation(permission=CAMPAIGNS_WRITE, problems=[CAMPAIGN_INCOMPLETE, ILLEGAL_TRANSITION])
async def open_campaign(
    campaign_id: UUID, caller: CallerDep, session: Transaction, now: Now, response: Response, runtime: RuntimeDep
) -> CampaignPublic:
    """Open a draft, or schedule it if `opens_at` is in the future.

    The campaign needs a channel and a form, requirements that somebody can satisfy, and an open community. Where it has the step
    `test`, it needs that test, and its paper, which is fetched when the test is set.
    """
    campaign = await moving.move(session, caller=caller, campaign_id=campaign_id, action="open", now=now)
    return await _written(session, caller, campaign, response, now, runtime)


@router.post(f"{ONE}/close")
@operation(permission=CAMPAIGNS_WRITE, problems=[ILLEGAL_TRANSITION])
async def close_campaign(
    campaign_id: UUID, caller: CallerDep, session: Transaction, now: Now, response: Response, runtime: RuntimeDep
) -> CampaignPublic:
    """Close a campaign early. Decisions can still be made."""
    campaign = await moving.move(session, caller=caller, campaign_id=campaign_id, action="close", now=now)
    return await _written(session, caller, campaign, response, now, runtime)


@router.post(f"{ONE}/archive")
@operation(permission=CAMPAIGNS_WRITE, problems=[ILLEGAL_TRANSITION])
async def archive_campaign(
    campaign_id: UUID, caller: CallerDep, session: Transaction, now: Now, response: Response, runtime: RuntimeDep
) -> CampaignPublic:
    """Archive a campaign. No more decisions can be made, and freed seats stay empty."""
    campaign = await moving.move(session, caller=caller, campaign_id=campaign_id, action="archive", now=now)
    return await _written(session, caller, campaign, response, now, runtime)


@landing_router.get("/v1/landings/{token}", responses=AS_PAGE)
@operation(public=True, problems=[NOT_FOUND], foreign_query=True)
async def read_landing(
    token: Token, session: Transaction, now: Now, runtime: RuntimeDep, locale: Localised, request: Request
) -> LandingPublic:
    """Read the page behind a short link: positioning, requirements, closing time and form. Needs no log-in.

    A browser, which asks for `text/html`, is sent to the app where there is one, else gets a plain page in the visitor's language.
    """
    by_browser = preferred(request.headers.get("accept"), [JSON, "text/html"]) == "text/html"
    if by_browser and runtime.settings.app_url:
        _, channel, _ = await landings.find(session, token=token, now=now)
        leads_to = landings.link_of(_base(runtime), channel.token)
        return RedirectResponse(leads_to, status_code=303, headers=_VARIES)  # type: ignore[return-value]
    campaign, channel, community = await landings.visit(session, token=token, now=now)
    landing = await _landing(session, campaign, channel, community, now)
    if not by_browser:
        return landing
    page = page_of(landing, time_zone=community.time_zone, locale=locale)
    return HTMLResponse(page, headers=HEADERS | _VARIES)  # type: ignore[return-value]


async def _landing(
    session: AsyncSession, campaign: Campaign, channel: Channel, community: Community, now: datetime
) -> LandingPublic:
    form = await form_of(session, campaign.id, campaign.form_version)
    return LandingPublic(
        campaign_id=campaign.id,
        title=campaign.title,
        status=campaign.status_at(now),
        opens_at=campaign.opens_at,
        closes_at=campaign.closes_at,
        audience=campaign.audience,
        channel=_channel(channel, None),
        community=LandingCommunity.model_validate(community),
        requirements=_shown(campaign, [], now, base=None).requirements,
        steps=campaign.steps,
        form=form.form if form else None,
        form_version=campaign.form_version,
    )


@landing_router.get("/v1/landings/{token}/qr")
@operation(public=True, problems=[NOT_FOUND], media_types=["image/svg+xml"])
async def read_landing_qr(token: Token, session: Reading, now: Now, runtime: RuntimeDep) -> Response:
    """Read the short link as a QR code in SVG."""
    _, channel, _ = await landings.find(session, token=token, now=now)
    picture = qr_svg(landings.link_of(_base(runtime), channel.token))
    return Response(picture, media_type="image/svg+xml", headers={"Cache-Control": "public, max-age=3600"})
