"""What moderators removed in content: kept as it is told, since whoever wrote it may appeal against that."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID, uuid5

from sqlalchemy import Table, func, select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import insert_new
from chassis.messaging.handlers import Received
from chassis.problems import NOT_FOUND
from services.membership.appeals.models import Removal

_table: Table = Removal.__table__  # type: ignore[attr-defined]
_PERSON: Final = "person:"


async def note_removals(session: AsyncSession, messages: Sequence[Received[Any]]) -> None:
    """Keep who removed what, and until when, in whatever order that is told.

    What its author removed, what waits for a moderator and what went with something else is nobody's decision about it; what a penalty
    hides is that penalty's.
    """
    told = sorted(messages, key=lambda one: (one.subject, one.version))
    for message in told:
        removed = message.type.rpartition(".v")[0].endswith(".removed")
        if message.data.cause == "parent" or (removed and not _by_somebody(message)):
            continue
        await insert_new(session, _table, [_row(message, removed)], key=["id"])
        await _end(session, UUID(message.subject))


def _by_somebody(message: Received[Any]) -> bool:
    return bool(message.data.cause == "moderator" and message.actor.startswith(_PERSON))


def _row(message: Received[Any], removed: bool) -> dict[str, Any]:
    piece_id = UUID(message.subject)
    return {
        "id": uuid5(piece_id, f"removal {message.version}"),
        "community_id": message.data.community_id,
        "kind": message.type.split(".")[-3],
        "piece_id": piece_id,
        "version": message.version,
        "author_ids": [str(one) for one in message.data.author_ids],
        "removed_at": message.occurred_at,
        "removed_by": message.actor if removed else None,
        "ended_at": None if removed else message.occurred_at,
    }


async def _end(session: AsyncSession, piece_id: UUID) -> None:
    """End each removal of a piece that was seen again later."""
    seen = _table.alias("seen")
    again = select(func.min(seen.c.ended_at)).where(
        seen.c.piece_id == piece_id, seen.c.removed_by.is_(None), seen.c.version > _table.c.version
    )
    await session.execute(
        update(_table)
        .where(_table.c.piece_id == piece_id, _table.c.ended_at.is_(None))
        .values(ended_at=again.scalar_subquery())
    )


async def last_removal(session: AsyncSession, kind: str, piece_id: UUID, *, lock: bool = False) -> Removal:
    """The latest removal of a piece by a moderator. Raises `NOT_FOUND`."""
    statement = (
        select(Removal)
        .where(col(Removal.piece_id) == piece_id, col(Removal.kind) == kind, col(Removal.removed_by).is_not(None))
        .order_by(col(Removal.version).desc())
        .limit(1)
    )
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    removal: Removal | None = (await session.execute(statement)).scalar_one_or_none()
    if removal is None:
        raise NOT_FOUND()
    return removal
