"""Messages of other services in: what members do, and what was taken away again. In the service's own consumer, since it keeps what is so."""

from collections.abc import Sequence
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.context import moment_of
from chassis.messaging.handlers import Handlers, Received
from contracts.content import (
    DiscussionRemoved,
    DiscussionRestored,
    DiscussionStarted,
    ReplyPosted,
    ReplyRemoved,
    ReplyRestored,
)
from contracts.events import AttendanceRecorded, AttendanceRevoked
from contracts.gamification import CheckinRecorded
from services.membership.measures import counting

handlers = Handlers()


@handlers.on(
    CheckinRecorded,
    DiscussionStarted,
    DiscussionRemoved,
    DiscussionRestored,
    ReplyPosted,
    ReplyRemoved,
    ReplyRestored,
    AttendanceRecorded,
    AttendanceRevoked,
)
async def count_deeds(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """Keep what a rule counts; what an import brings counts as well, and reminds nobody."""
    await counting.count(session, messages, moment_of(session))
