"""Reading channels and what waits to be posted by them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.contributions import Waiting
from chassis.database.context import context_of
from services.membership.communities.models import Community
from services.membership.identities.models import Identity
from services.membership.messengers.messenger import USER_ID
from services.membership.messengers.models import MessengerChannel, MessengerPost
from services.membership.messengers.post_rules import KEPT

AT_ONCE = 50
"""How many that wait are looked at."""


async def channels_of(session: AsyncSession, community_ids: Collection[UUID]) -> Sequence[MessengerChannel]:
    """The channels of communities that are not archived, locked."""
    living = select(MessengerChannel).join(Community, col(Community.id) == col(MessengerChannel.community_id))
    found = living.where(
        col(MessengerChannel.community_id).in_(community_ids), col(Community.status) != "archived"
    ).order_by(col(MessengerChannel.id))
    locked = found.with_for_update(of=MessengerChannel).execution_options(populate_existing=True)
    return (await session.execute(locked)).scalars().all()


async def channels_in(session: AsyncSession, community_id: UUID) -> Sequence[MessengerChannel]:
    """A community's channels, locked."""
    found = select(MessengerChannel).where(col(MessengerChannel.community_id) == community_id)
    locked = found.order_by(col(MessengerChannel.id)).with_for_update().execution_options(populate_existing=True)
    return (await session.execute(locked)).scalars().all()


async def posts_about(
    session: AsyncSession, channel_ids: Collection[UUID], object_ids: Collection[UUID]
) -> dict[tuple[UUID, UUID], MessengerPost]:
    """What is known of things, by channel and thing."""
    found = select(MessengerPost).where(
        col(MessengerPost.channel_id).in_(channel_ids), col(MessengerPost.object_id).in_(object_ids)
    )
    return {(one.channel_id, one.object_id): one for one in (await session.execute(found)).scalars()}


def provider_codes(session: AsyncSession, provider: str) -> list[str]:
    """What identities at a messenger may have as their provider: its name, and what the host calls the log-in by it."""
    settings = context_of(session).runtime.settings
    return sorted({provider, *(one.code for one in settings.providers if one.kind == provider)})


async def user_at(session: AsyncSession, person_id: UUID, provider: str) -> str | None:
    """The id by which a messenger's app writes to a person: of the account that they log in with there, or that an administrator linked."""
    found = (
        select(col(Identity.subject))
        .where(
            col(Identity.person_id) == person_id,
            col(Identity.provider).in_(provider_codes(session, provider)),
            col(Identity.kind) == USER_ID,
            col(Identity.closed_at).is_(None),
        )
        .order_by(col(Identity.id).desc())
        .limit(1)
    )
    return (await session.execute(found)).scalars().first()


async def waiting(session: AsyncSession, channel: MessengerChannel) -> Sequence[MessengerPost]:
    """What waits to be posted, the longest first; only tests where the channel is not active."""
    waits = col(MessengerPost.waits_since)
    found = select(MessengerPost).where(col(MessengerPost.channel_id) == channel.id, waits.is_not(None))
    if channel.status != "active":
        found = found.where(col(MessengerPost.object_kind) == "test")
    return (await session.execute(found.order_by(waits, col(MessengerPost.id)).limit(AT_ONCE))).scalars().all()


async def let_lapse(session: AsyncSession, channel_id: UUID, now: datetime) -> None:
    """Leave untold what has waited for too long."""
    await session.execute(
        update(MessengerPost)
        .where(col(MessengerPost.channel_id) == channel_id, col(MessengerPost.waits_since) < now - KEPT)
        .values(waits_since=None, told_version=col(MessengerPost.news_version))
    )


async def let_all_lapse(session: AsyncSession, channel_ids: Collection[UUID]) -> None:
    """Leave untold whatever waits in channels."""
    await session.execute(
        update(MessengerPost)
        .where(col(MessengerPost.channel_id).in_(channel_ids), col(MessengerPost.waits_since).is_not(None))
        .values(waits_since=None, told_version=col(MessengerPost.news_version))
    )


async def off(session: AsyncSession, community_id: UUID, _now: datetime, _member_id: UUID | None) -> Waiting:
    """The channels that were switched off because nothing was taken."""
    found = select(func.count(), func.min(col(MessengerChannel.last_tried_at))).where(
        col(MessengerChannel.community_id) == community_id, col(MessengerChannel.status) == "switched_off"
    )
    count, oldest_at = (await session.execute(found)).one()
    return Waiting(count=count, oldest_at=oldest_at, href=f"/v1/messenger-channels?community_id={community_id}")
