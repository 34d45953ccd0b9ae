"""Reading guests."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, and_, func, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import Prepared, bindparam
from services.content.guests.models import Guest, GuestActivity


@dataclass(frozen=True, slots=True)
class RunBy:
    """The community of an activity, and the members who run it."""

    community_id: UUID
    organiser_ids: Collection[str] = ()


_GUEST: Prepared[Any] = Prepared(
    select(
        col(Guest.activity_id),
        col(Guest.community_id),
        col(Guest.name),
        col(Guest.link_id),
        col(Guest.stands),
        col(Guest.withdrawn),
        col(GuestActivity.cancelled),
    )
    .outerjoin(GuestActivity, col(GuestActivity.activity_id) == col(Guest.activity_id))
    .where(col(Guest.invitation_id) == bindparam("invitation_id"))
)
COMES = (
    select(
        and_(
            col(Guest.stands),
            col(Guest.withdrawn).is_(False),
            func.coalesce(col(GuestActivity.cancelled), False).is_(False),
        )
    )
    .select_from(Guest)
    .outerjoin(GuestActivity, col(GuestActivity.activity_id) == col(Guest.activity_id))
    .where(col(Guest.invitation_id) == bindparam("reader_id", type_=Uuid()))
    .scalar_subquery()
)
"""Whether the reader is a guest who comes still; null for everybody else."""
_ACTIVITY: Prepared[Any] = Prepared(
    select(col(GuestActivity.community_id), col(GuestActivity.organiser_ids)).where(
        col(GuestActivity.activity_id) == bindparam("activity_id")
    )
)
_PREPARED: Prepared[UUID] = Prepared(
    select(col(Guest.community_id)).where(col(Guest.activity_id) == bindparam("activity_id")).limit(1)
)
_ACTIVITIES: Prepared[Any] = Prepared(
    lambda on: select(col(GuestActivity.activity_id), col(GuestActivity.organiser_ids)).where(
        on.among(col(GuestActivity.activity_id), "ids")
    )
)
_OUTSIDERS: Prepared[Any] = Prepared(
    select(col(Guest.invitation_id), col(Guest.name))
    .where(col(Guest.activity_id) == bindparam("activity_id"), col(Guest.withdrawn).is_(False))
    .order_by(col(Guest.invitation_id))
)
_NAMES: Prepared[Any] = Prepared(
    lambda on: select(col(Guest.invitation_id), col(Guest.name)).where(on.among(col(Guest.invitation_id), "ids"))
)


async def guest_by_id(session: AsyncSession, invitation_id: UUID) -> Any:
    """A guest, and whether their activity was cancelled; None while nothing was told of them."""
    return await _GUEST.first(session, invitation_id=invitation_id)


async def activity_by_id(session: AsyncSession, activity_id: UUID) -> RunBy | None:
    """An activity's community and who runs it; None while nothing was told of it.

    Of one that is not announced its guests alone are told: nobody runs it yet, as far as is known here.
    """
    told = await _ACTIVITY.first(session, activity_id=activity_id)
    if told is not None:
        return RunBy(told.community_id, told.organiser_ids)
    community_id = await _PREPARED.first(session, activity_id=activity_id)
    return RunBy(community_id) if community_id is not None else None


async def organisers_of(session: AsyncSession, ids: Collection[UUID]) -> Mapping[UUID, Collection[str]]:
    """Who runs these activities."""
    return {row.activity_id: row.organiser_ids for row in await _ACTIVITIES.all(session, ids=list(ids))}


async def outsiders_of(session: AsyncSession, activity_id: UUID) -> dict[str, str]:
    """Who speaks at an activity and is from outside: names by the ids of their invitations."""
    rows = await _OUTSIDERS.all(session, activity_id=activity_id)
    return {str(row.invitation_id): row.name for row in rows if row.name}


async def names_of(session: AsyncSession, ids: Collection[UUID]) -> Mapping[UUID, str | None]:
    """What these guests are called; None for who was withdrawn."""
    return {row.invitation_id: row.name for row in await _NAMES.all(session, ids=list(ids))}
