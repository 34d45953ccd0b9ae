"""In which state callers found a thing whose next step can be taken again and again.

Of two who ask for the next step at the same moment, the second waits for the first and would then take one step more. So each goes on
only from the state that was there when its request came; of requests that are under way together, the first looks for all.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from time import monotonic
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.engine import Database
from chassis.patience import PATIENCE_SECONDS, when_it_came

Look = Callable[[AsyncSession, Sequence[UUID]], Awaitable[Mapping[UUID, Any]]]


class FirstSight:
    """What the requests that are under way in this process have seen."""

    def __init__(self) -> None:
        self._under_way: dict[UUID, asyncio.Future[Any]] = {}
        self._ended: dict[UUID, tuple[float, Any]] = {}
        """What those saw who are not under way any more, and until when they were; the latest last."""

    @asynccontextmanager
    async def of(self, database: Database, ids: Sequence[UUID], look: Look) -> AsyncIterator[dict[UUID, Any]]:
        """The states of these things, None where there is no such thing; others share them until the block ends."""
        loop = asyncio.get_running_loop()
        came = when_it_came()
        before = {id_: self._ended[id_][1] for id_ in ids if id_ in self._ended and came < self._ended[id_][0]}
        mine = {id_: loop.create_future() for id_ in ids if id_ not in self._under_way and id_ not in before}
        others = {id_: self._under_way[id_] for id_ in ids if id_ not in mine and id_ not in before}
        self._under_way |= mine
        try:
            seen = before | await _look(database, list(mine), look)
            for id_, future in mine.items():
                future.set_result(seen[id_])
            if others:
                await asyncio.wait(others.values())
            # Whoever was to look for them may have gone away.
            seen |= await _look(database, [id_ for id_, future in others.items() if future.cancelled()], look)
            yield seen | {id_: future.result() for id_, future in others.items() if not future.cancelled()}
        finally:
            for id_, future in mine.items():
                del self._under_way[id_]
                if not future.cancel():
                    self._keep(id_, future.result())

    def _keep(self, id_: UUID, seen: Any) -> None:
        """For those that came before now, which all go to work soon or not at all."""
        now = monotonic()
        self._ended.pop(id_, None)
        self._ended[id_] = (now, seen)
        while (oldest := next(iter(self._ended.items())))[1][0] < now - PATIENCE_SECONDS:
            del self._ended[oldest[0]]


async def _look(database: Database, ids: Sequence[UUID], look: Look) -> dict[UUID, Any]:
    if not ids:
        return {}
    # A replica may not know the latest yet.
    async with database.reading(primary=True) as session:
        found = await look(session, ids)
    return {id_: found.get(id_) for id_ in ids}
