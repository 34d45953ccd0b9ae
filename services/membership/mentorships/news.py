"""Saying what one of the two is told."""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from services.membership.mentorships.models import Mentorship
from services.membership.mentorships.occasions import MentorshipNews, News, mentorship_moved
from services.membership.mentorships.rules import Side, other


async def about(session: AsyncSession, row: Mentorship, what: News | None, *, by: Side, at: datetime) -> None:
    """Tell the other one what one of the two did; None: what they were asked before needs no answer any more."""
    members = {"mentor": row.mentor_id, "mentee": row.mentee_id}
    news = MentorshipNews(row.id, row.community_id, row.version, what, to=members[other(by)], by=members[by], at=at)
    await mentorship_moved.happened(session, news)
