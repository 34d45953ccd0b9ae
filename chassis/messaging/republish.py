"""Restating what a service owns, for consumers that are new or lost what they knew.

Topics keep messages for 14 days only; what must be rebuilt is rebuilt from the owner's tables.
"""

from collections.abc import AsyncIterator, Callable

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.engine import Database
from chassis.messaging.outbox import Outgoing, emit_many

CHUNK = 500

Snapshots = Callable[[AsyncSession], AsyncIterator[Outgoing]]
"""Given a session to read with, the snapshot of everything of one kind.

Each carries its aggregate's present version, not bumped, as nothing changed. Read with a limit or a stream: there may be many.
"""


async def republish(
    database: Database, snapshots: Snapshots, *, actor: str = "system", chunk: int = CHUNK
) -> AsyncIterator[int]:
    """Write the snapshots to the outbox, one transaction for each chunk, and after each yield how many so far.

    A change that commits meanwhile has a greater version, and an interrupted run may be repeated: a projection takes only what
    is newer than what it has, so it ends right whichever message arrives first.
    """
    total = 0
    waiting: list[Outgoing] = []
    async with database.reading(actor=actor) as session:
        async for snapshot in snapshots(session):
            waiting.append(snapshot)
            if len(waiting) == chunk:
                await _write(database, waiting, actor)
                total += len(waiting)
                waiting.clear()
                yield total
    if waiting:
        await _write(database, waiting, actor)
        yield total + len(waiting)


async def _write(database: Database, snapshots: list[Outgoing], actor: str) -> None:
    async with database.transaction(actor=actor) as session:
        await emit_many(session, snapshots)
