"""Landings: what a short link or QR code leads to, for anybody, and how often it was looked at."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Table, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import merge_many
from chassis.database.rows import existing
from chassis.database.statements import upsert
from chassis.days import day_began_at, local_day
from chassis.messaging.outbox import Outgoing, emit, emit_many
from chassis.problems import NOT_FOUND
from chassis.timers import Late, Timer, Timers, schedule
from contracts.recruitment import CampaignVisited
from services.membership.campaigns.models import Campaign, Channel, ChannelVisits
from services.membership.communities.models import Community

PATH: Final = "/v1/landings"
DAY_OVER: Final = "campaign.visits"

timers = Timers()


async def visit(session: AsyncSession, *, token: str, now: datetime) -> tuple[Campaign, Channel, Community]:
    """What a landing shows; the visit is counted by channel and day, without any trace of the visitor.

    Raises `NOT_FOUND` for a token of a draft, of an archived campaign, or of none.
    """
    campaign, channel, community = await find(session, token=token, now=now)
    visits = ChannelVisits.__table__  # type: ignore[attr-defined]
    counted = upsert(session, visits).values(channel_id=channel.id, day=day_of(community, now), visits=1)
    so_far = await session.execute(
        counted.on_conflict_do_update(
            index_elements=[visits.c.channel_id, visits.c.day], set_={"visits": visits.c.visits + 1}
        ).returning(visits.c.visits)
    )
    if so_far.scalar_one() == 1:
        await schedule(session, DAY_OVER, campaign.id, next_day_starts(community, now))
    return campaign, channel, community


async def find(session: AsyncSession, *, token: str, now: datetime) -> tuple[Campaign, Channel, Community]:
    """The campaign, channel and community of a token. Raises `NOT_FOUND`."""
    found = (
        await session.execute(
            select(Campaign, Channel, Community)
            .join(Channel, col(Channel.campaign_id) == col(Campaign.id))
            .join(Community, col(Community.id) == col(Campaign.community_id))
            .where(col(Channel.token) == token)
        )
    ).first()
    if found is None or found[0].status_at(now) in ("draft", "archived") or found[2].status != "open":
        raise NOT_FOUND()
    return found[0], found[1], found[2]


@timers.on(DAY_OVER, late=Late.ENDING)
async def tell_visits(session: AsyncSession, timer: Timer) -> None:
    """Tell how often each channel of a campaign was looked at on days that are over."""
    campaign = await existing(session, Campaign, timer.subject_id, lock=True)
    community = await session.get_one(Community, campaign.community_id)
    untold = await session.execute(
        select(ChannelVisits, col(Channel.code))
        .join(Channel, col(Channel.id) == col(ChannelVisits.channel_id))
        .where(
            col(Channel.campaign_id) == campaign.id,
            col(ChannelVisits.told).is_(False),
            col(ChannelVisits.day) < day_of(community, timer.now),
        )
        .order_by(col(ChannelVisits.day), col(Channel.id))
    )
    for counted, channel in untold.all():
        counted.told = True
        message = CampaignVisited(
            community_id=community.id,
            campaign_id=campaign.id,
            channel=channel,
            day=counted.day,
            visits=counted.visits,
        )
        await emit(session, message, version=campaign.bump(), occurred_at=timer.now)


async def visits_on(
    session: AsyncSession, channels: Collection[Channel], days: Collection[date]
) -> dict[tuple[UUID, date], int]:
    """How often channels were looked at on these days, of those of which it is known."""
    found = await session.execute(
        select(ChannelVisits).where(
            col(ChannelVisits.channel_id).in_([channel.id for channel in channels]), col(ChannelVisits.day).in_(days)
        )
    )
    return {(row.channel_id, row.day): row.visits for row in found.scalars()}


async def keep_visits(
    session: AsyncSession,
    campaign: Campaign,
    community: Community,
    channels: Mapping[UUID, str],
    told: Mapping[tuple[UUID, date], int],
) -> None:
    """Keep how often channels of a locked campaign were looked at on days that are over, instead of what was known, and tell it."""
    if not told:
        return
    rows = [
        {"channel_id": channel_id, "day": day, "visits": number, "told": True}
        for (channel_id, day), number in sorted(told.items())
    ]
    await merge_many(session, ChannelVisits.__table__, rows, _as_told)  # type: ignore[attr-defined]
    messages = [
        Outgoing(
            CampaignVisited(
                community_id=community.id,
                campaign_id=campaign.id,
                channel=channels[channel_id],
                day=day,
                visits=number,
            ),
            version=campaign.bump(),
            occurred_at=day_ends(community, day),
        )
        for (channel_id, day), number in sorted(told.items())
    ]
    await emit_many(session, messages)


def _as_told(table: Table, insert: Any, _: Sequence[str]) -> Any:
    new = {name: insert.excluded[name] for name in ("visits", "told")}
    return insert.on_conflict_do_update(index_elements=[table.c.channel_id, table.c.day], set_=new)


def day_of(community: Community, now: datetime) -> date:
    """The community's day at a moment."""
    return local_day(now, time_zone=community.time_zone, day_starts_at=community.day_starts_at)


def next_day_starts(community: Community, now: datetime) -> datetime:
    """When the community's next day starts."""
    return day_ends(community, day_of(community, now))


def day_ends(community: Community, day: date) -> datetime:
    """When a day of the community is over."""
    following = day + timedelta(days=1)
    return day_began_at(following, time_zone=community.time_zone, day_starts_at=community.day_starts_at)


def link_of(base: str, token: str) -> str:
    """The short link of a channel, below the address of the app or of the API: absolute where that is known."""
    return f"{base}/landings/{token}"


async def visits_by_channel(session: AsyncSession, channel_ids: list[UUID]) -> dict[UUID, int]:
    """How often each channel's landing was looked at."""
    found = await session.execute(select(ChannelVisits).where(col(ChannelVisits.channel_id).in_(channel_ids)))
    total: dict[UUID, int] = {}
    for row in found.scalars():
        total[row.channel_id] = total.get(row.channel_id, 0) + row.visits
    return total
