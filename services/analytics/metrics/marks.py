"""The row of a community that is locked while what its metrics are made of changes."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import Table, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import insert_new
from chassis.database.statements import Prepared
from services.analytics.facts.dimensions import lock_communities
from services.analytics.facts.occasions import PastChanged
from services.analytics.metrics.models import MetricMark

MARKS: Table = MetricMark.__table__  # type: ignore[attr-defined]

_LOCKED: Prepared[Any] = Prepared(
    lambda on: (
        select(MARKS.c.community_id, MARKS.c.touched)
        .where(on.among(MARKS.c.community_id, "ids"))
        .order_by(MARKS.c.community_id)
        .with_for_update()
    )
)


async def touch_marks(session: AsyncSession, community_ids: Iterable[UUID]) -> None:
    """Say that something that was over has changed in these communities: what is kept of it is to be counted anew."""
    ids = sorted(await lock_marks(session, community_ids))
    if ids:
        await session.execute(update(MARKS).where(MARKS.c.community_id.in_(ids)).values(touched=MARKS.c.touched + 1))


async def follow_past(session: AsyncSession, changed: PastChanged) -> None:
    """Facts count otherwise on days that are past."""
    await touch_marks(session, changed.community_ids)


async def touch_counting(session: AsyncSession, community_ids: Iterable[UUID]) -> None:
    """The same, for who takes messages in: under the lock under which facts are counted, taken first, as those who count them do."""
    ids = set(community_ids)
    await lock_communities(session, ids)
    await touch_marks(session, ids)


async def lock_marks(session: AsyncSession, community_ids: Iterable[UUID]) -> dict[UUID, int]:
    """How often what was over has changed in these communities, locked; in the order of their ids, so that nobody waits in a circle."""
    ids = sorted(set(community_ids))
    await insert_new(session, MARKS, [{"community_id": one, "touched": 0} for one in ids], key=["community_id"])
    return dict(await _LOCKED.all(session, ids=ids)) if ids else {}
