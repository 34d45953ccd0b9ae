"""Use cases of campaigns."""

import secrets
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import audit
from chassis.database.rows import existing
from chassis.forms.definition import faults_in
from chassis.forms.problems import FORM_REFUSED, below
from chassis.interpreting import interpreted
from chassis.problems import ALREADY_EXISTS, INVALID, NOT_FOUND, FieldError, refused
from chassis.security.authority import Standing, authorize
from chassis.security.caller import Caller
from chassis.web.etags import require_match
from chassis.web.patches import whole
from services.membership.campaigns.models import Campaign, Channel, FormVersion
from services.membership.campaigns.moving import set_timers
from services.membership.campaigns.occasions import QuotaRaised, TestSet, quota_raised, test_set
from services.membership.campaigns.parts import (
    channels_of,
    locked_by_runner,
    runs_campaigns,
    told,
    touch,
    unsatisfiable_by,
)
from services.membership.campaigns.problems import QUOTA_BELOW_SEATS
from services.membership.campaigns.rules import FROZEN_ONCE_OPEN, patch_refusal
from services.membership.campaigns.schemas import CampaignContent, CampaignCreate, CampaignPatch, ChannelCreate
from services.membership.cohorts.service import cohort_of
from services.membership.permissions import CAMPAIGNS_READ, CAMPAIGNS_WRITE
from services.membership.roster.service import require_members

CONTENT = tuple(CampaignContent.model_fields)


async def create(session: AsyncSession, *, caller: Caller, body: CampaignCreate, now: datetime) -> Campaign:
    """Create a draft, with channels and a form if they are given. Raises `FORM_REFUSED`."""
    await authorize(session, caller, CAMPAIGNS_WRITE, body.community_id, now=now)
    await cohort_of(session, community_id=body.community_id, cohort_id=body.cohort_id)
    await _check_graders(session, body.community_id, body)
    campaign = Campaign(
        community_id=body.community_id,
        created_at=now,
        updated_at=now,
        created_by=caller.actor,
        **_content(body),
    )
    session.add(campaign)
    await session.flush()
    if body.form is not None:
        await _add_form(session, campaign, body.form, caller, now)
    session.add_all(_new_channel(campaign, channel, now) for channel in body.channels)
    if campaign.test is not None:
        await test_set.happened(session, TestSet(campaign, caller, now))
    await audit(session, caller, campaign, "create", {"title": [None, campaign.title]}, now)
    return campaign


async def read(
    session: AsyncSession, *, caller: Caller | None, campaign_id: UUID, now: datetime
) -> tuple[Campaign, Standing]:
    """A campaign; drafts are seen by those who run them only."""
    campaign = await existing(session, Campaign, campaign_id)
    standing = await authorize(session, caller, CAMPAIGNS_READ, campaign.community_id, now=now)
    if campaign.status == "draft" and not runs_campaigns(standing):
        raise NOT_FOUND()
    return campaign, standing


async def read_back(session: AsyncSession, *, caller: Caller, campaign_id: UUID, now: datetime) -> Standing:
    """What a command made of a campaign is in the database; what the caller may do there now."""
    await session.flush()
    _, standing = await read(session, caller=caller, campaign_id=campaign_id, now=now)
    return standing


async def change(
    session: AsyncSession,
    *,
    caller: Caller,
    campaign_id: UUID,
    body: CampaignPatch,
    if_match: int,
    now: datetime,
) -> Campaign:
    """Apply a merge patch. Raises `CAMPAIGN_RUNNING` for what applicants rely on, `QUOTA_BELOW_SEATS`."""
    campaign, _ = await locked_by_runner(session, caller, campaign_id, now)
    require_match(campaign.version, if_match)
    status = campaign.status_at(now)
    given = body.model_fields_set
    code = patch_refusal(status, given)
    if code is not None:
        raise refused(code, state=status, fields=sorted(given & FROZEN_ONCE_OPEN) or None)
    present = {name: getattr(campaign, name) for name in CONTENT}
    content = whole(CampaignContent, present | body.model_dump(exclude_unset=True))
    if content.quota < campaign.seats_taken:
        raise QUOTA_BELOW_SEATS(seats_taken=campaign.seats_taken)
    await cohort_of(session, community_id=campaign.community_id, cohort_id=content.cohort_id)
    await _check_graders(session, campaign.community_id, content)
    seats_before = campaign.quota
    changes = {name: [getattr(campaign, name), value] for name, value in _content(content).items() if name in given}
    campaign.sqlmodel_update(_content(content))
    if status in ("scheduled", "open"):
        _check_times(content, given, now)
        await set_timers(session, campaign, status)
    touch(campaign, now)
    await audit(session, caller, campaign, "update", changes, now)
    if "test" in given:
        await test_set.happened(session, TestSet(campaign, caller, now))
    if campaign.quota > seats_before:
        await quota_raised.happened(session, QuotaRaised(campaign, now))
    return campaign


async def add_channel(
    session: AsyncSession, *, caller: Caller, campaign_id: UUID, body: ChannelCreate, now: datetime
) -> Channel:
    """Add a channel, also while the campaign runs. Raises `ALREADY_EXISTS` where the code is taken."""
    campaign, _ = await locked_by_runner(session, caller, campaign_id, now)
    _check_not_over(campaign, now)
    if any(known.code == body.code for known in await channels_of(session, [campaign.id])):
        raise ALREADY_EXISTS(code_taken=body.code)
    channel = _new_channel(campaign, body, now)
    session.add(channel)
    touch(campaign, now)
    await audit(session, caller, campaign, "add_channel", {"channel": [None, body.code]}, now)
    return channel


async def add_form(
    session: AsyncSession, *, caller: Caller, campaign_id: UUID, form: dict[str, Any], now: datetime
) -> FormVersion:
    """Make a version of the form; applications begun before keep theirs. Raises `FORM_REFUSED`."""
    campaign, _ = await locked_by_runner(session, caller, campaign_id, now)
    _check_not_over(campaign, now)
    added = await _add_form(session, campaign, form, caller, now)
    if campaign.status_at(now) != "draft" and (impossible := unsatisfiable_by(campaign, form)):
        raise FORM_REFUSED(errors=told(impossible, "/form/properties"))
    touch(campaign, now)
    await audit(session, caller, campaign, "add_form", {"form_version": [None, added.version]}, now)
    return added


async def _add_form(
    session: AsyncSession, campaign: Campaign, form: dict[str, Any], caller: Caller, now: datetime
) -> FormVersion:
    if faults := interpreted(faults_in, orjson.dumps(form)):
        raise FORM_REFUSED(errors=below("/form", faults))
    campaign.form_version += 1
    added = FormVersion(
        campaign_id=campaign.id,
        version=campaign.form_version,
        form=form,
        created_at=now,
        created_by=caller.actor,
    )
    session.add(added)
    return added


def _new_channel(campaign: Campaign, body: ChannelCreate, now: datetime) -> Channel:
    return Channel(campaign_id=campaign.id, token=secrets.token_urlsafe(9), created_at=now, **body.model_dump())


def _content(body: CampaignCreate | CampaignContent) -> dict[str, Any]:
    plain = body.model_dump(mode="json", include={"requirements", "steps", "criteria", "test"})
    return body.model_dump(include=set(CONTENT) - set(plain)) | plain


async def _check_graders(session: AsyncSession, community_id: UUID, content: CampaignCreate | CampaignContent) -> None:
    if content.test is not None and content.test.grader_ids:
        await require_members(session, community_id, content.test, ["grader_ids"], below="/test")


def _check_not_over(campaign: Campaign, now: datetime) -> None:
    status = campaign.status_at(now)
    if status in ("closed", "archived"):
        raise refused("illegal_transition", state=status)


def _check_times(content: CampaignContent, given: set[str], now: datetime) -> None:
    for name in sorted(given & {"opens_at", "closes_at"}):
        value = getattr(content, name)
        if value is None or value <= now:
            raise INVALID(
                errors=[FieldError(f"/{name}", "in_the_past", "This moment is in the past.", "该时间已过去。")]
            )
