"""Reading stewards."""

from collections.abc import Collection
from typing import Any
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

_OF: Prepared[Any] = Prepared(
    lambda on: select(col(Steward.activity_id)).where(
        on.among(col(Steward.activity_id), "activity_ids"), on.among(col(Steward.member_id), "member_ids")
    )
)


async def stewards_of(session: AsyncSession, activity_id: UUID) -> list[UUID]:
    """The stewards of an activity, the first named first."""
    return await _ALL.all(session, activity_id=activity_id)


async def is_steward(session: AsyncSession, activity_id: UUID, member_id: UUID) -> bool:
    """Whether a member is one of them."""
    return await _ONE.first(session, activity_id=activity_id, member_id=member_id) is not None


async def scanned_by(
    session: AsyncSession, member_ids: Collection[UUID], activity_ids: Collection[UUID]
) -> Collection[UUID]:
    """At which of these activities somebody who is these members is a steward."""
    if not member_ids or not activity_ids:
        return ()
    return await _OF.all(session, activity_ids=list(activity_ids), member_ids=list(member_ids))
