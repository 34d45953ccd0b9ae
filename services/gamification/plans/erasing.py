"""What a person handed in and said in check-in plans goes when they are erased, and why something of theirs was returned."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from services.gamification.base import known, links
from services.gamification.plans.evidence_files import KIND
from services.gamification.plans.models import PlanComment, PlanEntry


async def erase(session: AsyncSession, person_id: UUID, now: datetime) -> None:
    """That they handed something in, and that somebody said something to a day, stays: it was counted."""
    theirs = select(known.members.c.id).where(known.members.c.person_id == person_id)
    evidence: dict[str, Any] = {"note": None, "link": None, "reason": None, "files": []}
    await session.execute(update(PlanEntry).where(col(PlanEntry.member_id).in_(theirs)).values(**evidence))
    await links.let_go(session, kind=KIND, person_id=person_id, now=now)
    await session.execute(update(PlanComment).where(col(PlanComment.author_id).in_(theirs)).values(body=""))
