"""What goes when a person is erased: whose facts they were. What was done, by one who worked there then, stays counted."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.ids import new_mask
from services.analytics.facts.dimensions import lock_communities, member_stands, members_of, person_places


async def erase(session: AsyncSession, person_id: UUID, _now: datetime) -> None:
    """In the place of the person stands somebody of whom nobody knows who it is."""
    members = await members_of(session, [person_id])
    await lock_communities(session, {community_id for _, community_id, _ in members})
    instead = new_mask()
    for table in (member_stands, person_places):
        await session.execute(update(table).where(table.c.person_id == person_id).values(person_id=instead))
