"""Whether anything was heard of a community since a moment: what is made of its facts and members is as it was, if not."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import Table, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import upsert_many
from chassis.database.context import moment_of
from chassis.database.statements import Prepared, bindparam
from services.analytics.facts.models import CommunityHearing

LASTS: Final = timedelta(minutes=5)
"""So long a transaction that heard something may take at most until others see it."""

_hearings: Table = CommunityHearing.__table__  # type: ignore[attr-defined]
_HEARD_AT: Prepared[datetime] = Prepared(
    select(_hearings.c.heard_at).where(_hearings.c.community_id == bindparam("community_id"))
)


async def note_hearing(session: AsyncSession, community_ids: Iterable[UUID]) -> None:
    """Something is heard of these communities. They are locked for counting: so nobody waits for their rows."""
    at = moment_of(session)
    rows = [{"community_id": one, "heard_at": at} for one in sorted(set(community_ids))]
    await upsert_many(session, _hearings, rows, key=["community_id"], update=["heard_at"])


async def heard_since(session: AsyncSession, community_id: UUID, moment: datetime) -> bool:
    """Whether anything may have become known since then that was not known then. It may say so too often, and never too rarely."""
    heard_at = await _HEARD_AT.first(session, community_id=community_id)
    return heard_at is not None and heard_at >= moment - LASTS
