"""Files whose bytes are not where they should be: what a restore lists."""

from collections.abc import AsyncIterator
from uuid import UUID

from sqlalchemy import inspect, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import among
from chassis.database.engine import Database
from chassis.files import Files
from services.content.attachments.models import Attachment, AttachmentPart
from services.content.attachments.service import folder_of

_AT_ONCE = 500


async def missing(database: Database, files: Files) -> AsyncIterator[tuple[UUID, str]]:
    """Id and name of each file of which an object is not there, or is not as long as it was; those that are removed left out."""
    async with database.reading() as session:
        connection = await session.connection()
        if not await connection.run_sync(lambda plain: inspect(plain).has_table(str(Attachment.__tablename__))):
            return  # A backup of a release that kept no files.
        there: dict[str, int] | None = None
        after = UUID(int=0)
        while rows := await _some(session, after):
            if there is None:
                there = {name: size async for name, size in files.names("attachments")}
            parts = await _parts(session, rows)
            for row in rows:
                if any(there.get(name, -1) not in sizes for name, sizes in _objects(row, parts.get(row.id, []))):
                    yield row.id, row.name
            after = rows[-1].id
            session.expunge_all()


async def _some(session: AsyncSession, after: UUID) -> list[Attachment]:
    page = (
        select(Attachment)
        .where(col(Attachment.id) > after, col(Attachment.removed_at).is_(None))
        .order_by(col(Attachment.id))
        .limit(_AT_ONCE)
    )
    return list(await session.scalars(page))


async def _parts(session: AsyncSession, rows: list[Attachment]) -> dict[UUID, list[str]]:
    unfinished = [row.id for row in rows if row.status in ("uploading", "processing")]
    found: dict[UUID, list[str]] = {}
    if unfinished:
        chosen = select(AttachmentPart).where(among(session, col(AttachmentPart.attachment_id), unfinished))
        for part in await session.scalars(chosen):
            found.setdefault(part.attachment_id, []).append(part.object_name)
    return found


def _objects(row: Attachment, parts: list[str]) -> list[tuple[str, range]]:
    """What is kept of a file, and how long each may be."""
    if row.status == "ready":
        sizes = {"original": row.size} | {name: facts["size"] for name, facts in row.sizes.items()}
        return [(f"{folder_of(row.id)}/{name}", range(size, size + 1)) for name, size in sizes.items()]
    return [(name, range(row.size + 1)) for name in parts]
