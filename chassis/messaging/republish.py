"""Restating what a service owns, for consumers that are new or lost what they knew.

Topics keep messages for 14 days only; what must be rebuilt is rebuilt from the owner's tables.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from datetime import datetime
from time import monotonic

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.clock import system_clock
from chassis.database.engine import Database
from chassis.messaging.outbox import Outgoing, emit_many
from chassis.messaging.restating import tell_end
from chassis.messaging.room import STILL_SECONDS, waits_for_room

CHUNK = 500

Snapshots = Callable[[AsyncSession], AsyncIterator[Outgoing]]
"""Given a session to read with, the snapshot of everything of one kind.

Each carries its aggregate's present version, not bumped, as nothing changed. Read with a limit or a stream: there may be many.
"""
Deeds = Callable[[AsyncSession, datetime | None], AsyncIterator[Outgoing]]
"""The messages of what was done, told once more, from a moment on or all: with the id, time and version of the first time, and
marked as backfill. Whoever counts deeds knows each for ever by source, subject and version, or by id, and counts it once."""


async def republish(
    database: Database,
    snapshots: Snapshots,
    *,
    of: tuple[str, str] | None = None,
    actor: str = "system",
    chunk: int = CHUNK,
    rows: int | None = None,
) -> AsyncIterator[int]:
    """Write the snapshots to the outbox, one transaction for each chunk, and after each yield how many so far.

    A change that commits meanwhile has a greater version, and an interrupted run may be repeated: a projection takes only what
    is newer than what it has, so it ends right whichever message arrives first. With `rows` it pauses while so many messages wait to be
    published, as long as anybody publishes them: else nothing live stands behind these. `of` names the service and the kind that this is
    all of: then its end is told, and projections drop what was not among it.
    """
    began_at = system_clock()
    total = 0
    topic: str | None = None
    waiting: list[Outgoing] = []
    async with database.reading(actor=actor) as session:
        async for snapshot in snapshots(session):
            topic = snapshot.event.TOPIC
            waiting.append(snapshot)
            if len(waiting) == chunk:
                if rows is not None and not await _has_room(database, rows):
                    rows = None
                await _write(database, waiting, actor)
                total += len(waiting)
                waiting.clear()
                yield total
    if waiting:
        if rows is not None:
            await _has_room(database, rows)
        await _write(database, waiting, actor)
        yield total + len(waiting)
    if of is not None:
        service, subject = of
        async with database.transaction(actor=actor) as session:
            await tell_end(
                session, service=service, subject=subject, topic=topic or f"qunxue.{service}", began_at=began_at
            )


def all_deeds(told: Sequence[Deeds], since: datetime | None) -> Snapshots:
    """The deeds of all features of a service, one feature after the other."""

    async def each(session: AsyncSession) -> AsyncIterator[Outgoing]:
        for deeds in told:
            async for message in deeds(session, since):
                yield message

    return each


async def _has_room(database: Database, rows: int) -> bool:
    """Wait for room; False where nobody has taken anything from the outbox for a while."""
    still_since = monotonic()
    async for taken in waits_for_room(database, rows):
        if taken:
            still_since = monotonic()
        elif monotonic() - still_since > STILL_SECONDS:
            return False
    return True


async def _write(database: Database, snapshots: list[Outgoing], actor: str) -> None:
    async with database.transaction(actor=actor) as session:
        await emit_many(session, [replace(one, kept=True) for one in snapshots])
