"""Whom mail reaches, and what it is about."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import Prepared
from services.membership.communities.models import Community
from services.membership.notifications.models import Notification
from services.membership.people.models import Person

DIGEST_LINES = 20
_LOOKED_AT = 200

_REACHED: Prepared[Any] = Prepared(
    lambda on: select(col(Person.id), col(Person.time_zone)).where(
        on.among(col(Person.id), "ids"), col(Person.email).is_not(None), col(Person.status) == "active"
    )
)
_COMMUNITIES: Prepared[Any] = Prepared(
    lambda on: select(
        col(Community.id), col(Community.name), col(Community.time_zone), col(Community.visibility)
    ).where(on.among(col(Community.id), "ids"))
)
_LATELY: Prepared[Any] = Prepared(
    select(Notification)
    .where(
        col(Notification.person_id) == bindparam("person_id"),
        col(Notification.told_at) > bindparam("since"),
        col(Notification.read_at).is_(None),
        col(Notification.withdrawn_at).is_(None),
    )
    .order_by(col(Notification.told_at).desc(), col(Notification.id).desc())
    .limit(_LOOKED_AT)
)


async def reached(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, str | None]:
    """Of these people those with an address, each with their own time zone."""
    return {row.id: row.time_zone for row in await _REACHED.all(session, ids=sorted(ids))}


async def communities(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, Any]:
    """Name, time zone and visibility of these."""
    return {row.id: row for row in await _COMMUNITIES.all(session, ids=sorted(ids))} if ids else {}


async def told_lately(session: AsyncSession, person_id: UUID, since: datetime) -> list[Any]:
    """What somebody was told since and has not read, the last first; the last 200."""
    return await _LATELY.all(session, person_id=person_id, since=since)
