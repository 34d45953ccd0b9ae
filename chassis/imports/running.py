"""The job of an import: batch by batch, each a step of its own."""

from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy.exc import IntegrityError
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.budget import CalledOff, in_thread
from chassis.database.context import context_of
from chassis.imports.declaration import Import
from chassis.imports.reading import Line, lines_of, refusal
from chassis.imports.refusals import RowRefused
from chassis.jobs import JobInterrupted, JobRun, Jobs
from chassis.messaging.room import waits_for_room

RACES = 3
"""How often a step is tried if others write its rows between its read and its write."""

Result = TypeVar("Result")


def import_jobs(declared: Import) -> Jobs:
    """The function that does an import's jobs."""
    jobs = Jobs()

    @jobs.kind(declared.kind)
    async def run(job: JobRun) -> None:
        await run_import(declared, job)

    return jobs


async def run_import(declared: Import, job: JobRun) -> None:
    """Import the rows of the uploaded file, from where an earlier run stopped; a cancelled job stops between two batches."""
    content = await job.content()
    job.result = dict.fromkeys(declared.counts, 0) | job.result
    lines = lines_of(declared, content, job.params)
    # Rows that earlier runs have dealt with are read again: later ones may repeat them.
    await _read(job, lambda: [None for _ in islice(lines, job.done)])
    while batch := await _read(job, lambda: list(islice(lines, declared.rows_per_step))):
        if declared.ready is not None:
            await declared.ready(job, [line.item for line in batch if not line.refusals])
        if declared.history and not job.params["dry_run"]:
            await _wait_for_room(job)
        await _step(declared, job, batch)
    if job.total != job.done:
        async with job.step():
            job.total = job.done  # known now; before it was a guess from the size of the file


async def _read(job: JobRun, work: Callable[[], Result]) -> Result:
    """Reading takes the processor, not the database: it leaves half of it to requests, and whose reading was long rests."""
    try:
        async with job.runtime.job_readings.turn(job.started_by):
            return await in_thread(work, stop=job.stop, gentle=True)
    except CalledOff:
        raise JobInterrupted from None


async def _wait_for_room(job: JobRun) -> None:
    """Live messages are not to stand behind all of a history. Who follows the job reads that it is paused; its limit goes on."""
    async for _ in waits_for_room(job.runtime.database, job.runtime.settings.history_outbox_rows):
        if job.stop is not None and job.stop.is_set():
            raise JobInterrupted


async def _step(declared: Import, job: JobRun, lines: Sequence[Line]) -> None:
    before = job.result
    for attempt in range(1, RACES + 1):
        try:
            async with job.step() as session:
                job.result = await _apply(declared, job, session, lines, dict(before))
                job.total = max(job.total or 0, job.done + len(lines))
        except IntegrityError:
            job.result = before
            if attempt == RACES:
                raise
        else:
            return


async def _apply(
    declared: Import, job: JobRun, session: AsyncSession, lines: Sequence[Line], counts: dict[str, Any]
) -> dict[str, Any]:
    context_of(session).backfill = declared.history
    locale = job.params["locale"]
    batch = declared.batch(session, job)
    good = [line.item for line in lines if not line.refusals]
    if good:
        await batch.read(good)
    failed = 0
    for line in lines:
        refusals = line.refusals
        if not refusals:
            try:
                counts[batch.take(line.item)] += 1
            except RowRefused as refused:
                refusals = [refusal(declared, refused, locale)]
        for fault in refusals:
            job.error(line.number, fault.code, fault.text, fault.column)
        failed += bool(refusals)
    job.advance(done=len(lines) - failed, failed=failed)
    if job.params["dry_run"]:
        session.expunge_all()
    elif good:
        await batch.write()
    return counts
