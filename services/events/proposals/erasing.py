"""What a person proposed goes when they are erased, but for what an activity has become of."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import among
from services.events.base import known, texts
from services.events.proposals.models import Proposal


async def erase(session: AsyncSession, person_id: UUID, _now: datetime) -> None:
    """Of what was accepted the activity has the title, so that alone stays; moderation is asked about none of it any more."""
    theirs = col(Proposal.proposer_id).in_(select(known.members.c.id).where(known.members.c.person_id == person_id))
    written = (await session.execute(select(col(Proposal.id)).where(theirs))).scalars().all()
    await session.execute(delete(texts.table).where(among(session, texts.table.c.object_id, list(written))))
    await session.execute(delete(Proposal).where(theirs, col(Proposal.activity_id).is_(None)))
    await session.execute(update(Proposal).where(theirs).values(description="", wishes=""))
