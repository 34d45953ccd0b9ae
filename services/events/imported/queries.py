"""Reading where activities come from, and who imports them."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import among
from chassis.database.statements import Prepared, bindparam
from chassis.projections.members import LEFT_STATUSES
from services.events.activities.models import Activity
from services.events.base import known
from services.events.imported.models import ImportedActivity


def sources(session: AsyncSession, community_id: UUID, refs: Collection[str]) -> Select[Any]:
    """What came from these sources into a community."""
    return select(ImportedActivity).where(
        col(ImportedActivity.community_id) == community_id, among(session, col(ImportedActivity.source_ref), refs)
    )


def activities(session: AsyncSession, ids: Collection[UUID]) -> Select[Any]:
    """These activities, in the order in which they are locked."""
    return select(Activity).where(among(session, col(Activity.id), ids)).order_by(col(Activity.id))


_MEMBER: Prepared[UUID] = Prepared(
    select(known.members.c.id).where(
        known.members.c.person_id == bindparam("person_id"),
        known.members.c.community_id == bindparam("community_id"),
        known.members.c.status.not_in(sorted(LEFT_STATUSES)),
    )
)


async def member_of(session: AsyncSession, person_id: UUID, community_id: UUID) -> UUID | None:
    """What a person is in a community."""
    return await _MEMBER.first(session, person_id=person_id, community_id=community_id)
