"""Reading kudos."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.listing import Listing
from chassis.database.statements import Prepared, bindparam
from services.gamification.base import known
from services.gamification.checkins.rules import CheckinDay
from services.gamification.kudos.models import Kudos

_VALUES: Prepared[Any] = Prepared(
    select(known.communities.c["values"]).where(known.communities.c.id == bindparam("community_id"))
)
_LAST_DAY: Prepared[Any] = Prepared(
    select(col(Kudos.day), col(Kudos.time_zone), col(Kudos.began_at))
    .where(col(Kudos.giver_id) == bindparam("giver_id"))
    .order_by(col(Kudos.given_at).desc(), col(Kudos.id).desc())
    .limit(1)
)
_ON_DAY: Prepared[int] = Prepared(
    select(func.count())
    .select_from(Kudos)
    .where(
        col(Kudos.giver_id) == bindparam("giver_id"),
        # No day of theirs is longer than from the beginning that was kept on; the index is by time.
        col(Kudos.given_at) >= bindparam("began_at"),
        col(Kudos.day) == bindparam("day"),
    )
)


async def charter_values(session: AsyncSession, community_id: UUID) -> dict[str, str]:
    """The values of a community's charter: their names by code."""
    values = await _VALUES.first(session, community_id=community_id)
    return {value["code"]: value["name"] for value in values or ()}


async def last_day(session: AsyncSession, giver_id: UUID) -> CheckinDay | None:
    """The day on which a member last gave kudos."""
    row = await _LAST_DAY.first(session, giver_id=giver_id)
    return None if row is None else CheckinDay(day=row.day, time_zone=row.time_zone, began_at=row.began_at)


async def given_on(session: AsyncSession, giver_id: UUID, day: CheckinDay) -> int:
    """How many a member gave on a day of theirs, what was removed included."""
    return await _ON_DAY.one(session, giver_id=giver_id, began_at=day.began_at, day=day.day)


def listing(
    community_id: UUID,
    *,
    reader_ids: Collection[UUID],
    giver_id: UUID | None = None,
    receiver_id: UUID | None = None,
    value_code: str | None = None,
    mine: bool = False,
) -> Listing:
    """A community's kudos, the latest first. What moderation holds is listed to its giver alone."""
    only: list[ColumnElement[bool]] = [
        col(Kudos.community_id) == community_id,
        col(Kudos.removed_at).is_(None),
        or_(col(Kudos.held).is_(False), col(Kudos.giver_id).in_(list(reader_ids))),
    ]
    if mine:
        ids = list(reader_ids)
        only.append(or_(col(Kudos.giver_id).in_(ids), col(Kudos.receiver_id).in_(ids)))
    if giver_id is not None:
        only.append(col(Kudos.giver_id) == giver_id)
    if receiver_id is not None:
        only.append(col(Kudos.receiver_id) == receiver_id)
    if value_code is not None:
        only.append(col(Kudos.value_code) == value_code)
    return Listing(select(Kudos).where(*only), [col(Kudos.given_at).desc(), col(Kudos.id).desc()])
