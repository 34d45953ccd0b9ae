"""Reading seasons."""

from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.listing import Listing
from chassis.database.statements import Prepared
from chassis.projections.members import LEFT_STATUSES
from services.gamification.base import known
from services.gamification.leaderboards.models import BoardWindow
from services.gamification.seasons.models import Season

AT_ONCE = 5

_PRESENT: Prepared[UUID] = Prepared(
    lambda on: select(known.members.c.id).where(
        on.among(known.members.c.id, "ids"), known.members.c.status.not_in(sorted(LEFT_STATUSES))
    )
)


def listing(community_id: UUID) -> Listing:
    """A community's seasons, the latest first."""
    found = select(Season).where(col(Season.community_id) == community_id)
    return Listing(found, [col(Season.starts_on).desc(), col(Season.id).desc()])


_FREEZES: Prepared[Any] = Prepared(
    lambda on: select(col(BoardWindow.id), col(BoardWindow.freezes_at)).where(on.among(col(BoardWindow.id), "ids"))
)


async def freezes_of(session: AsyncSession, seasons: Iterable[Season]) -> dict[UUID, datetime]:
    """When the boards of seasons freeze, by season; without those that were cancelled."""
    windows = {season.window_id: season.id for season in seasons if season.window_id is not None}
    rows = await _FREEZES.all(session, ids=list(windows)) if windows else []
    return {windows[window_id]: at for window_id, at in rows}


async def days_taken(session: AsyncSession, community_id: UUID, since: date) -> list[tuple[date, date]]:
    """The days of a community's seasons that are not over."""
    rows = await session.execute(
        select(col(Season.starts_on), col(Season.ends_on)).where(
            col(Season.community_id) == community_id, col(Season.status) != "cancelled", col(Season.ends_on) >= since
        )
    )
    return [(first, last) for first, last in rows]


async def due(session: AsyncSession, before: datetime) -> list[Season]:
    """Some seasons whose boards froze before this moment, locked; others' are left to them."""
    statement: Any = (
        select(Season)
        .join(BoardWindow, col(BoardWindow.id) == col(Season.window_id))
        .where(col(Season.status) == "announced", col(BoardWindow.freezes_at) <= before)
        .order_by(col(Season.ends_on), col(Season.id))
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True, of=Season)
    )
    return list((await session.execute(statement)).scalars())


async def still_members(session: AsyncSession, member_ids: Collection[UUID]) -> set[UUID]:
    """Which of these have not left."""
    return set(await _PRESENT.all(session, ids=list(member_ids)))
