"""What a person wrote in mentorships goes when they are erased; that there were mentorships stays."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from services.membership.mentorships.models import Mentorship, MentorshipNote
from services.membership.roster.models import Member


async def erase(session: AsyncSession, person_id: UUID, _now: datetime) -> None:
    """Their notes, what they said of the other one, and what stands between the two."""
    theirs = select(col(Member.id)).where(col(Member.person_id) == person_id)
    await session.execute(delete(MentorshipNote).where(col(MentorshipNote.author_id).in_(theirs)))
    for side, said in ((Mentorship.mentor_id, "mentor_feedback"), (Mentorship.mentee_id, "mentee_feedback")):
        of_theirs = update(Mentorship).where(col(side).in_(theirs))
        await session.execute(of_theirs.values(message=None, goals=[], reason=None, **{said: None}))
