"""How somebody comes to apply: by which campaign and channel, and whether they did before."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.problems import NOT_FOUND, FieldError
from services.membership.applications.models import Application
from services.membership.applications.problems import ALREADY_APPLIED, COOL_OFF, UNKNOWN_CHANNEL
from services.membership.applications.rules import cool_off_until
from services.membership.applications.schemas import ApplicationCreate
from services.membership.campaigns.models import Campaign, Channel
from services.membership.campaigns.parts import channels_of


async def campaign_reached(session: AsyncSession, body: ApplicationCreate) -> Campaign:
    """The campaign of the link, or the one that is named. Raises `NOT_FOUND`, also for a draft."""
    statement = select(Campaign)
    if body.token is not None:
        statement = statement.join(Channel, col(Channel.campaign_id) == col(Campaign.id)).where(
            col(Channel.token) == body.token
        )
    else:
        statement = statement.where(col(Campaign.id) == body.campaign_id)
    campaign: Campaign | None = (await session.execute(statement)).scalar_one_or_none()
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


async def check_earlier(session: AsyncSession, campaign: Campaign, person_id: UUID, now: datetime) -> None:
    """Refuse whoever has a live application to the campaign, or was rejected lately. Raises `ALREADY_APPLIED`, `COOL_OFF`."""
    live = await live_one(session, campaign.id, person_id)
    if live is not None:
        raise ALREADY_APPLIED(application_id=str(live))
    rejected = select(col(Application.release_at)).where(
        col(Application.campaign_id) == campaign.id,
        col(Application.person_id) == person_id,
        col(Application.state) == "decided",
        col(Application.outcome) == "rejected",
    )
    until = cool_off_until(at for at in (await session.execute(rejected)).scalars() if at is not None)
    if until is not None and now < until:
        raise COOL_OFF(until=until.isoformat())


async def live_one(session: AsyncSession, campaign_id: UUID, person_id: UUID) -> UUID | None:
    """Somebody's live application to a campaign."""
    live = select(col(Application.id)).where(
        col(Application.campaign_id) == campaign_id,
        col(Application.person_id) == person_id,
        col(Application.live).is_(True),
    )
    found: UUID | None = (await session.execute(live)).scalar_one_or_none()
    return found
