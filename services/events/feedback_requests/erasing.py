"""What a person thought of others' work, and what they said of their own, goes when they are erased."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from services.events.base import known
from services.events.feedback_requests.models import FeedbackColleague, FeedbackRequest


async def erase(session: AsyncSession, person_id: UUID, _now: datetime) -> None:
    """That they were asked and answered stays: it was counted."""
    theirs = select(known.members.c.id).where(known.members.c.person_id == person_id)
    asked = select(FeedbackRequest).where(col(FeedbackRequest.author_id).in_(theirs)).order_by(col(FeedbackRequest.id))
    for request in (await session.execute(asked.with_for_update())).scalars():
        request.description = ""
    said = (
        select(FeedbackColleague)
        .where(col(FeedbackColleague.member_id).in_(theirs), col(FeedbackColleague.answered_at).is_not(None))
        .order_by(col(FeedbackColleague.request_id))
    )
    for row in (await session.execute(said.with_for_update())).scalars():
        row.answers = []
    await session.flush()
