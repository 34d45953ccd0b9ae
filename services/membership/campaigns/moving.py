"""How a campaign opens, closes and is archived: by hand, and by the clock."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import audit
from chassis.database.rows import existing
from chassis.messaging.outbox import emit
from chassis.problems import Problem, refused
from chassis.security.authority import Standing
from chassis.security.caller import Caller
from chassis.timers import Late, Timer, Timers, cancel, schedule
from chassis.web.schemas import Viewer
from contracts.recruitment import CampaignChannel, CampaignClosed, CampaignOpened
from services.membership.campaigns.models import Campaign, Channel
from services.membership.campaigns.parts import (
    channels_of,
    form_of,
    forms_of,
    locked_by_runner,
    runs_campaigns,
    told,
    touch,
    unsatisfiable_at_once,
    unsatisfiable_by,
)
from services.membership.campaigns.problems import CAMPAIGN_INCOMPLETE
from services.membership.campaigns.rules import ACTIONS, Action, Readiness, patch_refusal, refusal
from services.membership.communities.models import Community

OPENING, CLOSING = "campaign.open", "campaign.close"

timers = Timers()


async def move(session: AsyncSession, *, caller: Caller, campaign_id: UUID, action: Action, now: datetime) -> Campaign:
    """Open (or schedule), close or archive. Raises `CAMPAIGN_INCOMPLETE` naming what is missing, `ILLEGAL_TRANSITION`."""
    campaign, standing = await locked_by_runner(session, caller, campaign_id, now)
    status = campaign.status_at(now)
    ready = await _readiness(session, campaign, standing)
    code = refusal(action, status=status, ready=ready, now=now)
    if code is not None:
        raise (
            await _incomplete(session, campaign, ready, now)
            if code == CAMPAIGN_INCOMPLETE.code
            else refused(code, state=status)
        )
    await _record_opening(session, campaign, now)
    match action:
        case "open":
            await _open(session, campaign, now)
        case "close":
            await _close(session, campaign, now)
        case "archive":
            # The clock may have closed it without a worker to say so.
            await _record_closing(session, campaign, now)
            campaign.status = "archived"
    touch(campaign, now)
    await audit(session, caller, campaign, action, {"status": [status, campaign.status]}, now)
    return campaign


async def viewer_of(session: AsyncSession, campaign: Campaign, standing: Standing, now: datetime) -> Viewer:
    """What the caller can do with the campaign."""
    ready = await _readiness(session, campaign, standing) if runs_campaigns(standing) else None
    return _viewer(campaign, standing, ready, now)


async def viewers_of(
    session: AsyncSession,
    campaigns: Sequence[Campaign],
    channels: Sequence[Channel],
    standings: Mapping[UUID, Standing],
    now: datetime,
) -> dict[UUID, Viewer]:
    """What the caller can do with each of the campaigns, which have these channels.

    Whether requirements can be satisfied is not asked of a form that is dear to read: opening says so.
    """
    drafts = [one for one in campaigns if one.status == "draft" and runs_campaigns(standings[one.community_id])]
    forms = await forms_of(session, drafts)
    with_channel = {channel.campaign_id for channel in channels}

    def ready(campaign: Campaign) -> Readiness:
        form = forms.get(campaign.id)
        return Readiness(
            channels=campaign.id in with_channel,
            form_version=campaign.form_version,
            community_open=standings[campaign.community_id].community.status == "open",
            closes_at=campaign.closes_at,
            unsatisfiable=bool(form and unsatisfiable_at_once(campaign, form.form)),
            **_of_test(campaign),
        )

    return {one.id: _viewer(one, standings[one.community_id], ready(one), now) for one in campaigns}


def _viewer(campaign: Campaign, standing: Standing, ready: Readiness | None, now: datetime) -> Viewer:
    answers: dict[str, str | None] = dict.fromkeys(("update", "add_channel", "add_form", *ACTIONS), "forbidden")
    if runs_campaigns(standing) and standing.community.status == "archived":
        answers = dict.fromkeys(answers, "community_archived")
    elif runs_campaigns(standing):
        status = campaign.status_at(now)
        over = "illegal_transition" if status in ("closed", "archived") else None
        answers |= {"update": patch_refusal(status, ["quota"]), "add_channel": over, "add_form": over}
        if ready is not None:
            answers |= {action: refusal(action, status=status, ready=ready, now=now) for action in ACTIONS}
    return Viewer.of(answers)


# --- what the clock does -------------------------------------------------------------------------------------------


@timers.on(OPENING, late=Late.ENDING)
async def open_on_time(session: AsyncSession, timer: Timer) -> None:
    """Record that a scheduled campaign has opened, and tell."""
    campaign = await existing(session, Campaign, timer.subject_id, lock=True)
    if await _is_active(session, campaign):
        await _record_opening(session, campaign, timer.now)


@timers.on(CLOSING, late=Late.ENDING)
async def close_on_time(session: AsyncSession, timer: Timer) -> None:
    """Record that a campaign has closed, and tell."""
    campaign = await existing(session, Campaign, timer.subject_id, lock=True)
    if await _is_active(session, campaign):
        await _record_opening(session, campaign, timer.now)
        await _record_closing(session, campaign, timer.now)


async def _is_active(session: AsyncSession, campaign: Campaign) -> bool:
    community = await session.get_one(Community, campaign.community_id)
    return community.status == "open"


async def _record_opening(session: AsyncSession, campaign: Campaign, now: datetime) -> None:
    if campaign.status == "scheduled" and campaign.opens_at is not None and campaign.opens_at <= now:
        campaign.status = "open"
        await _tell_opened(session, campaign, campaign.opens_at)


async def _record_closing(session: AsyncSession, campaign: Campaign, now: datetime) -> None:
    if campaign.status == "open" and campaign.closes_at <= now:
        campaign.status = "closed"
        await _tell_closed(session, campaign, campaign.closes_at)


async def record_past(session: AsyncSession, campaign: Campaign, *, accepted: bool, now: datetime) -> None:
    """Of a locked campaign with a history: a draft was open in its time, and how many it accepted is told again if it changed."""
    was_draft = campaign.status == "draft"
    if was_draft and campaign.opens_at is not None:
        campaign.status = "closed"
        touch(campaign, now)
        await _tell_opened(session, campaign, campaign.opens_at)
    if campaign.status == "closed" and (was_draft or accepted):
        await _tell_closed(session, campaign, campaign.closes_at)


# --- the steps of a move -------------------------------------------------------------------------------------------


async def _open(session: AsyncSession, campaign: Campaign, now: datetime) -> None:
    if campaign.opens_at is not None and campaign.opens_at > now:
        campaign.status = "scheduled"
    else:
        campaign.status, campaign.opens_at = "open", now
        await _tell_opened(session, campaign, now)
    await set_timers(session, campaign, campaign.status)


async def _close(session: AsyncSession, campaign: Campaign, now: datetime) -> None:
    was_open = campaign.status == "open"
    campaign.status = "closed"
    await cancel(session, OPENING, campaign.id)
    await cancel(session, CLOSING, campaign.id)
    if was_open:
        campaign.closes_at = now
        await _tell_closed(session, campaign, now)


async def set_timers(session: AsyncSession, campaign: Campaign, status: str) -> None:
    """Let the clock open and close the campaign at the times it has now."""
    if status == "scheduled" and campaign.opens_at is not None:
        await schedule(session, OPENING, campaign.id, campaign.opens_at)
    await schedule(session, CLOSING, campaign.id, campaign.closes_at)


async def _tell_opened(session: AsyncSession, campaign: Campaign, at: datetime) -> None:
    message = CampaignOpened(**await _state(session, campaign))
    await emit(session, message, version=campaign.bump(), occurred_at=at)


async def _tell_closed(session: AsyncSession, campaign: Campaign, at: datetime) -> None:
    message = CampaignClosed(**await _state(session, campaign), accepted=campaign.seats_taken)
    await emit(session, message, version=campaign.bump(), occurred_at=at)


async def _state(session: AsyncSession, campaign: Campaign) -> dict[str, Any]:
    channels = await channels_of(session, [campaign.id])
    return {
        "community_id": campaign.community_id,
        "campaign_id": campaign.id,
        "title": campaign.title,
        "channels": tuple(CampaignChannel(code=c.code, name=c.name, kind=c.kind) for c in channels),
        "opens_at": campaign.opens_at,
        "closes_at": campaign.closes_at,
        "quota": campaign.quota,
    }


async def _incomplete(session: AsyncSession, campaign: Campaign, ready: Readiness, now: datetime) -> Problem:
    form = await form_of(session, campaign.id, campaign.form_version)
    reasons = told(unsatisfiable_by(campaign, form.form), "/requirements/{index}") if form else []
    return CAMPAIGN_INCOMPLETE(state=campaign.status_at(now), missing=ready.missing(now), errors=reasons)


async def _readiness(session: AsyncSession, campaign: Campaign, standing: Standing) -> Readiness:
    if campaign.status != "draft":
        # Only a draft opens; nobody asks what another lacks.
        return Readiness(channels=0, form_version=0, community_open=False, closes_at=campaign.closes_at)
    form = await form_of(session, campaign.id, campaign.form_version)
    return Readiness(
        channels=len(await channels_of(session, [campaign.id])),
        form_version=campaign.form_version,
        community_open=standing.community.status == "open",
        closes_at=campaign.closes_at,
        unsatisfiable=bool(form and unsatisfiable_by(campaign, form.form)),
        **_of_test(campaign),
    )


def _of_test(campaign: Campaign) -> dict[str, bool]:
    """Whether its test is set, and the paper there, where there is such a step."""
    wanted = "test" in campaign.steps
    return {
        "test": not wanted or campaign.test is not None,
        "paper": not wanted or campaign.test is None or campaign.paper_state == "there",
    }
