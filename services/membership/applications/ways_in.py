"""How somebody comes to apply: by which campaign and channel, and whether they did before."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import Prepared, bindparam
from chassis.problems import NOT_FOUND, FieldError
from services.membership.applications.models import Application
from services.membership.applications.problems import ALREADY_APPLIED, COOL_OFF, UNKNOWN_CHANNEL
from services.membership.applications.rules import cool_off_until
from services.membership.applications.schemas import ApplicationCreate
from services.membership.campaigns.models import Campaign, Channel
from services.membership.campaigns.parts import channels_of

_OF_TOKEN = Prepared(
    select(Campaign)
    .join(Channel, col(Channel.campaign_id) == col(Campaign.id))
    .where(col(Channel.token) == bindparam("token"))
)


async def campaign_reached(session: AsyncSession, body: ApplicationCreate) -> Campaign:
    """The campaign of the link, or the one that is named. Raises `NOT_FOUND`, also for a draft."""
    if body.token is None:
        campaign = await session.get(Campaign, body.campaign_id)
    else:
        found = await _OF_TOKEN.load(session, token=body.token)
        campaign = found[0] if found else None
    if campaign is None or campaign.status == "draft":
        raise NOT_FOUND()
    return campaign


async def channel_reached(session: AsyncSession, campaign: Campaign, body: ApplicationCreate) -> Channel:
    """The channel that somebody came through. Raises `UNKNOWN_CHANNEL`."""
    for channel in await channels_of(session, [campaign.id]):
        if channel.token == body.token or (body.token is None and channel.code == body.channel):
            return channel
    raise UNKNOWN_CHANNEL(
        errors=[
            FieldError("/channel", "unknown_channel", "The campaign has no such channel.", "招募活动没有这个渠道。")
        ]
    )


_EARLIER = (
    col(Application.campaign_id) == bindparam("campaign_id"),
    col(Application.person_id) == bindparam("person_id"),
)
_LIVE = Prepared(select(col(Application.id)).where(*_EARLIER, col(Application.live).is_(True)))
_REJECTED = Prepared(
    select(col(Application.release_at)).where(
        *_EARLIER, col(Application.state) == "decided", col(Application.outcome) == "rejected"
    )
)


async def check_earlier(session: AsyncSession, campaign: Campaign, person_id: UUID, now: datetime) -> None:
    """Refuse whoever has a live application to the campaign, or was rejected lately. Raises `ALREADY_APPLIED`, `COOL_OFF`."""
    live = await live_one(session, campaign.id, person_id)
    if live is not None:
        raise ALREADY_APPLIED(application_id=str(live))
    rejected = await _REJECTED.all(session, campaign_id=campaign.id, person_id=person_id)
    until = cool_off_until(at for at in rejected if at is not None)
    if until is not None and now < until:
        raise COOL_OFF(until=until)


async def live_one(session: AsyncSession, campaign_id: UUID, person_id: UUID) -> UUID | None:
    """Somebody's live application to a campaign."""
    return await _LIVE.first(session, campaign_id=campaign_id, person_id=person_id)
