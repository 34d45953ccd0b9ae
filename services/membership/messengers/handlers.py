"""Messages of content and events in: what may be told to a group. What is private, or of a group of members, never is."""

from collections.abc import Sequence
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.messaging.handlers import Handlers, Received
from contracts.content import (
    DiscussionMerged,
    DiscussionRemoved,
    DiscussionRestored,
    DiscussionStarted,
    DiscussionState,
    DiscussionUpdated,
)
from contracts.events import ActivityAnnounced, ActivityCancelled, ActivityMoved, ActivityState, ActivityUpdated
from services.membership.messengers.hearing import About, hear
from services.membership.messengers.post_rules import Heard, News

handlers = Handlers()

_ACTIVITY_NEWS: dict[type[ActivityState], News] = {
    ActivityAnnounced: "announced",
    ActivityMoved: "moved",
    ActivityCancelled: "cancelled",
}


@handlers.on(DiscussionStarted, DiscussionUpdated, DiscussionRemoved, DiscussionRestored, DiscussionMerged)
async def post_announcements(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """Have announcements posted, unless they are gone again before."""
    await hear(session, [about for one in messages if (about := _of_discussion(one)) is not None])


@handlers.on(ActivityAnnounced, ActivityMoved, ActivityUpdated, ActivityCancelled)
async def post_activities(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """Have it posted that an activity was announced, moved or cancelled, as it stands by then."""
    await hear(session, [_of_activity(one) for one in messages if not one.backfill])


def _of_discussion(message: Received[Any]) -> About | None:
    data = message.data
    if message.backfill:
        return None
    if not isinstance(data, DiscussionState):
        key = data.discussion_id if isinstance(data, DiscussionMerged) else data.id
        gone = not isinstance(data, DiscussionRestored)
        return _about(
            message,
            "announcements",
            "discussion",
            key,
            Heard(message.version, message.occurred_at, gone=gone, says_state=False),
        )
    if data.kind != "announcement":
        return None
    hidden = data.visibility == "private" or data.group_id is not None
    news: News | None = "started" if isinstance(data, DiscussionStarted) else None
    heard = Heard(message.version, message.occurred_at, news, title=None if hidden else data.title, gone=hidden)
    return _about(message, "announcements", "discussion", data.discussion_id, heard)


def _of_activity(message: Received[Any]) -> About:
    data: ActivityState = message.data
    heard = Heard(
        message.version,
        message.occurred_at,
        _ACTIVITY_NEWS.get(type(data)),
        title=data.title,
        starts_at=data.starts_at,
        time_zone=data.time_zone,
    )
    return _about(message, "activities", "activity", data.activity_id, heard)


def _about(message: Received[Any], kind: Any, object_kind: str, key: Any, heard: Heard) -> About:
    return About(message.data.community_id, kind, object_kind, key, message.recorded_at, heard)
