"""Since when each edition of the default rules applies here: a release that changes a default pays nothing backwards by it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.runtime import Runtime
from services.gamification.earning import defaults, store
from services.gamification.earning.models import DefaultEdition

_editions: Any = DefaultEdition.__table__  # type: ignore[attr-defined]


async def note_editions(runtime: Runtime) -> Sequence[str]:
    """Note that this installation has the editions of this release, from now on; all of them since ever where it is new."""
    async with runtime.database.transaction() as session:
        known = set((await session.execute(select(_editions.c.edition))).scalars())
        deeds = await session.execute(select(func.count()).select_from(select(store.occurrences).limit(1).subquery()))
        used = bool(known) or bool(deeds.scalar_one())
        rows = [
            {"edition": edition, "began_at": runtime.clock() if used and edition > 1 else None}
            for edition in (1, *sorted(defaults.CHANGED_DEFAULTS))
            if edition not in known
        ]
        if rows:
            await session.execute(insert(_editions), rows)
    return []


async def begun(session: AsyncSession) -> Mapping[int, datetime | None]:
    """When each edition known here began; None is since ever."""
    return dict((await session.execute(select(_editions.c.edition, _editions.c.began_at))).all())
