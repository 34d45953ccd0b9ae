"""In which state callers found a thing whose next step can be taken again and again.

Of two who ask for the next step at the same moment, the second waits for the first and would then take one step more. So each goes on
only from the state that was there when its request came; of requests that are under way together, the first looks for all.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.engine import Database

Look = Callable[[AsyncSession, Sequence[UUID]], Awaitable[Mapping[UUID, Any]]]


class FirstSight:
    """What the requests that are under way in this process have seen."""

    def __init__(self) -> None:
        self._under_way: dict[UUID, asyncio.Future[Any]] = {}

    @asynccontextmanager
    async def of(self, database: Database, ids: Sequence[UUID], look: Look) -> AsyncIterator[dict[UUID, Any]]:
        """The states of these things, None where there is no such thing; others share them until the block ends."""
        loop = asyncio.get_running_loop()
        mine = {id_: loop.create_future() for id_ in ids if id_ not in self._under_way}
        others = {id_: self._under_way[id_] for id_ in ids if id_ not in mine}
        self._under_way |= mine
        try:
            seen = await _look(database, list(mine), look)
            for id_, future in mine.items():
                future.set_result(seen[id_])
            if others:
                await asyncio.wait(others.values())
            # Whoever was to look for them may have gone away.
            seen |= await _look(database, [id_ for id_, future in others.items() if future.cancelled()], look)
            yield seen | {id_: future.result() for id_, future in others.items() if not future.cancelled()}
        finally:
            for id_, future in mine.items():
                future.cancel()
                del self._under_way[id_]


async def _look(database: Database, ids: Sequence[UUID], look: Look) -> dict[UUID, Any]:
    if not ids:
        return {}
    # A replica may not know the latest yet.
    async with database.reading(primary=True) as session:
        found = await look(session, ids)
    return {id_: found.get(id_) for id_ in ids}
