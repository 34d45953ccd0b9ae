"""Who is shown the files that feedback and its replies name: nobody but those who read the feedback."""

from collections.abc import Collection

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import among
from services.content.attachments.occasions import Asked, Named
from services.content.discussions.files import standings_of
from services.content.feedback.models import Feedback, FeedbackReply
from services.content.feedback.service import reads
from services.content.permissions import FEEDBACK_READ


async def feedback_files(session: AsyncSession, asked: Asked) -> Collection[Named]:
    """Those of feedback that the caller wrote or that is addressed to them."""
    named = [one for one in asked.named if one.kind in {"feedback", "feedback_reply"}]
    if not named:
        return []
    standings = await standings_of(session, asked, named, FEEDBACK_READ)
    ids = [one.object_id for one in named]
    whole = select(col(Feedback.id), Feedback).where(among(session, col(Feedback.id), ids))
    replies = (
        select(col(FeedbackReply.id), Feedback)
        .join(FeedbackReply, col(FeedbackReply.feedback_id) == col(Feedback.id))
        .where(among(session, col(FeedbackReply.id), ids))
    )
    found = {key: row for some in (whole, replies) for key, row in await session.execute(some)}
    return [
        one
        for one in named
        if one.community_id in standings
        and one.object_id in found
        and reads(standings[one.community_id], found[one.object_id])
    ]
