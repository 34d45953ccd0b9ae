"""This service's authority: it owns what the others only know."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.runtime import Runtime
from chassis.security.authority import Facts
from services.membership.standing.queries import names_of, standing_of


class MembershipAuthority:
    """Answers from the tables themselves: nothing here is ever stale, so `guarded` makes no difference."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def facts(
        self, session: AsyncSession, *, person_id: UUID | None, community_id: UUID, guarded: bool, now: datetime
    ) -> Facts | None:
        """See `chassis.security.authority.Authority`."""
        return await standing_of(session, person_id=person_id, community_id=community_id, now=now)

    async def names(self, session: AsyncSession, ids: Collection[UUID], communities: Collection[UUID]) -> Sequence[Any]:
        """See `chassis.security.authority.Authority`."""
        return await names_of(session, ids, communities)
