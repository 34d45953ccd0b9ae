"""What messages say of a community's things becomes what its channels have to post."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Table
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import delete_some
from chassis.database.context import context_of
from chassis.timers import Timer, Timers, schedule_many
from services.membership.communities.occasions import CommunityMoved
from services.membership.messengers import posting, queries
from services.membership.messengers.models import MessengerChannel, MessengerPost
from services.membership.messengers.post_rules import Heard, Kind, Post, after

_POSTS: Table = MessengerPost.__table__  # type: ignore[attr-defined]
_FORGOTTEN = timedelta(days=30)
"""A thing of which nothing has been heard for so long is not told of any more."""
_FIELDS = [one.name for one in fields(Post)]

timers = Timers()


@dataclass(frozen=True, slots=True)
class About:
    """What a message says, of which thing, and to which channels it matters."""

    community_id: UUID
    kind: Kind
    object_kind: str
    object_id: UUID
    recorded_at: datetime
    heard: Heard


async def hear(session: AsyncSession, said: Sequence[About]) -> None:
    """Note what has to be posted, and have it posted. A channel is told of what happens from when it is there."""
    if not said:
        return
    channels = await queries.channels_of(session, {one.community_id for one in said})
    wanted = [
        (channel, one)
        for one in said
        for channel in channels
        if channel.community_id == one.community_id
        and one.kind in channel.kinds
        and one.recorded_at >= channel.created_at
    ]
    if not wanted:
        return
    known = await queries.posts_about(
        session, {channel.id for channel, _ in wanted}, {one.object_id for _, one in wanted}
    )
    waits: set[UUID] = set()
    for channel, one in wanted:
        row = known.get((channel.id, one.object_id))
        if row is None:
            row = _new(channel, one.object_kind, one.object_id, one.heard.at)
            known[channel.id, one.object_id] = row
            session.add(row)
        _apply(row, one.heard)
        if row.waits_since is not None and channel.status == "active":
            waits.add(channel.id)
    await session.flush()
    now = context_of(session).runtime.clock()
    await schedule_many(session, posting.TIMER, dict.fromkeys(waits, now))


async def post_of_community(session: AsyncSession, moved: CommunityMoved) -> None:
    """Tell that a community was opened or archived. Nothing else is posted of one that is archived, also not what waits."""
    channels = await queries.channels_in(session, moved.community_id)
    if not channels:
        return
    if moved.news == "archived":
        await queries.let_all_lapse(session, [channel.id for channel in channels])
    told = [channel for channel in channels if "community" in channel.kinds]
    known = await queries.posts_about(session, [channel.id for channel in told], [moved.community_id])
    for channel in told:
        row = known.get((channel.id, moved.community_id))
        if row is None:
            row = _new(channel, "community", moved.community_id, moved.at)
            session.add(row)
        _apply(row, Heard(row.news_version + 1, moved.at, moved.news))
    await session.flush()
    await schedule_many(
        session, posting.TIMER, {channel.id: moved.at for channel in told if channel.status == "active"}
    )


@timers.every(timedelta(hours=6), kind="messengers.forget")
async def forget_old_posts(session: AsyncSession, timer: Timer) -> None:
    """Delete what was told long ago, or lapsed."""
    await delete_some(session, _POSTS, _POSTS.c.heard_at < timer.now - _FORGOTTEN)


def post_of(row: MessengerPost) -> Post:
    """What a row says, for the rules."""
    return Post(**{name: getattr(row, name) for name in _FIELDS})


def _new(channel: MessengerChannel, object_kind: str, object_id: UUID, at: datetime) -> MessengerPost:
    return MessengerPost(channel_id=channel.id, object_kind=object_kind, object_id=object_id, heard_at=at)


def _apply(row: MessengerPost, heard: Heard) -> None:
    row.sqlmodel_update(asdict(after(post_of(row), heard)))
    row.heard_at = max(row.heard_at, heard.at)
