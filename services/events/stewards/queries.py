"""Reading stewards."""

from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import Prepared, bindparam
from services.events.stewards.models import Steward

MOST = 50

_ALL: Prepared[UUID] = Prepared(
    select(col(Steward.member_id))
    .where(col(Steward.activity_id) == bindparam("activity_id"))
    .order_by(col(Steward.granted_at), col(Steward.member_id))
    .limit(MOST)
)
_ONE: Prepared[UUID] = Prepared(
    select(col(Steward.member_id)).where(
        col(Steward.activity_id) == bindparam("activity_id"), col(Steward.member_id) == bindparam("member_id")
    )
)


async def stewards_of(session: AsyncSession, activity_id: UUID) -> list[UUID]:
    """The stewards of an activity, the first named first."""
    return await _ALL.all(session, activity_id=activity_id)


async def is_steward(session: AsyncSession, activity_id: UUID, member_id: UUID) -> bool:
    """Whether a member is one of them."""
    return await _ONE.first(session, activity_id=activity_id, member_id=member_id) is not None
