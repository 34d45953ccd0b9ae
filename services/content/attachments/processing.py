"""What becomes of a file that has arrived: put together, looked at, and made ready or refused. In the worker, outside transactions."""

import hashlib
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlmodel import col

from chassis.budget import OverBudget, in_thread
from chassis.files import FileMissing, Files
from chassis.jobs import JobRun, Jobs
from services.content.attachments.models import Attachment, AttachmentPart
from services.content.attachments.pictures import LARGEST_BYTES, SECONDS, Picture, PictureRefused, made_from
from services.content.attachments.service import PROCESS, folder_of
from services.content.attachments.sniffing import ANYTHING, HEAD, PICTURES, runs, type_of

jobs = Jobs()


@jobs.kind(PROCESS)
async def process(job: JobRun) -> None:
    """Begins anew after a crash: each object is written whole, over what was there."""
    key = UUID(str(job.params["attachment_id"]))
    files = job.runtime.files
    folder = folder_of(key)
    async with job.runtime.database.reading() as session:
        attachment = await session.get(Attachment, key)
        parts = list(
            await session.scalars(
                select(col(AttachmentPart.object_name))
                .where(col(AttachmentPart.attachment_id) == key)
                .order_by(col(AttachmentPart.begin))
            )
        )
    if attachment is None or attachment.removed_at is not None:
        return
    if attachment.status == "processing":
        found = await _looked_at(job, attachment, parts, folder)
        async with job.step() as session:
            row = await session.get(Attachment, key, with_for_update=True, populate_existing=True)
            if row is not None and row.status == "processing":
                row.sqlmodel_update(found)
                await session.execute(delete(AttachmentPart).where(col(AttachmentPart.attachment_id) == key))
    await files.delete_below(f"{folder}/parts")
    async with job.runtime.database.reading() as session:
        row = await session.get(Attachment, key)
    if row is not None and row.status == "refused":
        await files.delete_below(folder)


async def _looked_at(job: JobRun, attachment: Attachment, parts: list[str], folder: str) -> dict[str, Any]:
    files = job.runtime.files
    whole = _Whole(files, parts)
    try:
        head = await whole.head()
        if runs(head):
            return {"status": "refused", "refused": "is_a_program"}
        kind = type_of(head, attachment.name)
        claims_picture = attachment.declared_type in PICTURES
        if claims_picture and kind not in PICTURES:
            return {"status": "refused", "refused": "not_what_it_says"}
        made: dict[str, Any] = {}
        if kind in PICTURES:
            made = await _pictures(job, whole, attachment, folder)
        await files.put(f"{folder}/original", whole.pieces())
    except PictureRefused as refused:
        return {"status": "refused", "refused": refused.code}
    except FileMissing:
        return {"status": "refused", "refused": "lost"}
    return {"status": "ready", "media_type": kind or ANYTHING, "digest": whole.digest.hexdigest()} | made


async def _pictures(job: JobRun, whole: "_Whole", attachment: Attachment, folder: str) -> dict[str, Any]:
    if attachment.size > LARGEST_BYTES:
        raise PictureRefused("picture_too_large")
    content = b"".join([piece async for piece in whole.pieces()])
    try:
        # One at a time in this process: each may take the memory of its pixels.
        async with job.runtime.job_readings.turn(PROCESS):
            made, width, height = await in_thread(lambda: made_from(content), seconds=SECONDS, stop=job.stop)
    except OverBudget:
        raise PictureRefused("takes_too_long") from None
    sizes: dict[str, dict[str, int]] = {}
    for name, picture in made.items():
        await job.runtime.files.put(f"{folder}/{name}", picture.content)
        sizes[name] = _facts(picture)
    return {"width": width, "height": height, "sizes": sizes}


def _facts(picture: Picture) -> dict[str, int]:
    return {"width": picture.width, "height": picture.height, "size": len(picture.content)}


class _Whole:
    """The parts of a file as one, read a piece at a time."""

    def __init__(self, files: Files, parts: list[str]) -> None:
        self._files = files
        self._parts = parts
        self.digest = hashlib.sha256()

    async def head(self) -> bytes:
        """The first bytes."""
        head = b""
        async for piece in self.pieces():
            head += piece
            if len(head) >= HEAD:
                break
        return head[:HEAD]

    async def pieces(self) -> AsyncIterator[bytes]:
        """All of it, from the beginning. Raises `FileMissing`."""
        self.digest = hashlib.sha256()
        for part in self._parts:
            async for piece in await self._files.read(part):
                self.digest.update(piece)
                yield piece
