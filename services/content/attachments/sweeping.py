"""Files that nothing names: forgotten after a day, and their bytes deleted thirty days later, or at once where a person is erased."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, or_, select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import among
from chassis.jobs import JobRun, Jobs, start_job
from chassis.timers import Timer, Timers
from services.content.attachments.models import Attachment, AttachmentLink, AttachmentPart, AttachmentUse
from services.content.attachments.rules import KEPT_FOR, UNLINKED_FOR
from services.content.attachments.service import folder_of
from services.content.unnamed.masks import masks_of

PURGE = "attachments.purge"
_AT_ONCE = 200
_EACH_STEP = 20

timers = Timers()
jobs = Jobs()


@timers.every(timedelta(hours=1), kind="attachments.sweep")
async def sweep(session: AsyncSession, timer: Timer) -> None:
    """Forget what nothing has named for a day: some at once, of very many the rest by the job that deletes."""
    forgotten = await _forget_some(session, timer.now)
    due = select(func.count()).where(col(Attachment.purge_at) <= timer.now)
    if forgotten == _AT_ONCE or (await session.execute(due)).scalar_one():
        await start_job(session, PURGE, {}, caller=None, now=timer.now)


async def _forget_some(session: AsyncSession, now: datetime) -> int:
    """Returns how many. Locked: whoever names one of them comes before, or finds it gone."""
    old = (
        select(Attachment)
        .where(col(Attachment.unlinked_at) < now - UNLINKED_FOR, col(Attachment.removed_at).is_(None))
        .order_by(col(Attachment.unlinked_at))
        .limit(_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    rows = (await session.scalars(old)).all()
    for row in rows:
        row.removed_at, row.purge_at = now, now + KEPT_FOR
    await session.flush()
    return len(rows)


async def erase(session: AsyncSession, person_id: UUID, now: datetime) -> None:
    """What a person sent goes at once, whatever names it."""
    sent_by = col(Attachment.person_id)
    theirs = update(Attachment).where(or_(sent_by == person_id, sent_by.in_(masks_of(person_id))))
    await session.execute(theirs.values(name="", removed_at=now, purge_at=now))
    await start_job(session, PURGE, {}, caller=None, now=now)


@jobs.kind(PURGE)
async def purge(job: JobRun) -> None:
    """Delete the bytes, then the row: after a crash the row is there to go on with."""
    forgotten = _AT_ONCE
    while forgotten == _AT_ONCE:
        async with job.step() as session:
            forgotten = await _forget_some(session, job.runtime.clock())
    while True:
        now = job.runtime.clock()
        async with job.runtime.database.reading() as session:
            due = select(col(Attachment.id)).where(col(Attachment.purge_at) <= now).order_by(col(Attachment.purge_at))
            ids = list(await session.scalars(due.limit(_EACH_STEP)))
        if not ids:
            return
        for one in ids:
            await job.runtime.files.delete_below(folder_of(one))
        async with job.step() as session:
            for table, column in (
                (AttachmentLink, AttachmentLink.attachment_id),
                (AttachmentPart, AttachmentPart.attachment_id),
                (AttachmentUse, AttachmentUse.attachment_id),
                (Attachment, Attachment.id),
            ):
                await session.execute(delete(table).where(among(session, col(column), ids)))
            job.advance(done=len(ids))
