"""Integration events in: what services did and took back of penalties, and what moderators removed in content."""

from collections.abc import Sequence
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.messaging.handlers import Handlers, Received
from contracts import content, ideas
from contracts.conduct import PENALTY_ANSWERS
from services.membership.appeals.progress import keep_answers
from services.membership.appeals.removals import note_removals

handlers = Handlers()


@handlers.on(*PENALTY_ANSWERS)
async def note_answers(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """Keep how far each service is with each penalty."""
    rows = [
        {
            "penalty_id": message.data.penalty_id,
            "service": message.source.rpartition("/")[2],
            "revision": message.data.revision,
            "undone": dict(message.data.undone),
            "left": [one.model_dump(mode="json") for one in message.data.left],
            "at": message.occurred_at,
        }
        for message in messages
    ]
    await keep_answers(session, rows)


@handlers.on(
    content.DiscussionRemoved,
    content.DiscussionRestored,
    content.ReplyRemoved,
    content.ReplyRestored,
    content.ArticleRemoved,
    content.ArticleRestored,
    ideas.IdeaRemoved,
    ideas.IdeaRestored,
)
async def follow_removals(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """Whoever wrote what a moderator removed may appeal against it, as long as it is removed."""
    await note_removals(session, messages)
