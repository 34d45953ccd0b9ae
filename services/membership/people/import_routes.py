"""Importing people over HTTP, and the job behind it."""

import asyncio
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Annotated

from fastapi import Query
from sqlalchemy.exc import IntegrityError
from starlette.requests import Request
from starlette.responses import Response

from chassis.audit import audit
from chassis.jobs import JobFailed, JobRun, Jobs, start_job
from chassis.locale import Locale
from chassis.problems import UNSUPPORTED_MEDIA_TYPE, Problem
from chassis.tabular import TABLE_INVALID, XLSX_TYPE, Row, in_batches, open_table
from chassis.web.dependencies import CallerDep, Localised, Now, Reading, Transaction
from chassis.web.jobs import EMPTY_UPLOAD, UPLOAD_LIMIT, JobPublic, accepted_job, job_routes, read_upload
from chassis.web.operations import api_router, operation
from chassis.web.templates import TemplateFormat, template_file
from services.membership.import_errors import Refusal
from services.membership.people.access import authorize_directory
from services.membership.people.columns import PEOPLE_COLUMNS
from services.membership.people.imports import Outcome, Prepared, Seen, apply_batch, prepare
from services.membership.permissions import PEOPLE_IMPORT

KIND = "people.import"
PREFIX = "/v1/people/imports"
ROWS_PER_STEP = 500
RACES = 3

UPLOADS = {"text/csv": "csv", "application/csv": "csv", "application/vnd.ms-excel": "csv", XLSX_TYPE: "xlsx"}

router = api_router(tags=["People"])
jobs = Jobs()


@router.post(PREFIX, status_code=202)
@operation(
    permission=PEOPLE_IMPORT,
    problems=[TABLE_INVALID, UNSUPPORTED_MEDIA_TYPE, EMPTY_UPLOAD],
    max_body=UPLOAD_LIMIT,
)
async def import_people(
    request: Request,
    response: Response,
    caller: CallerDep,
    session: Transaction,
    now: Now,
    locale: Localised,
    dry_run: Annotated[bool, Query(description="Check everything, write nothing.")] = False,
) -> JobPublic:
    """Import people from CSV or XLSX, sent as the request body.

    Upsert by `employee_no`: a missing column changes nothing, an empty cell clears, a person missing from the file stays. The job
    tells how far it is; its errors name the row. The log-in of who has set a password or has a platform role is never changed.
    """
    await authorize_directory(session, caller, PEOPLE_IMPORT)
    content, _ = await read_upload(request, accepted=UPLOADS)
    table = await asyncio.to_thread(open_table, content, PEOPLE_COLUMNS)
    job_id = await start_job(
        session,
        KIND,
        {"dry_run": dry_run, "locale": locale},
        caller=caller,
        now=now,
        content=content,
        total=table.rows_hint,
    )
    await audit(
        session,
        caller,
        action="person.import",
        object_kind="job",
        object_id=job_id,
        changes={"dry_run": [None, dry_run]},
        now=now,
    )
    return await accepted_job(session, job_id, response, PREFIX)


@router.get(f"{PREFIX}/template")
@operation(permission=PEOPLE_IMPORT)
async def read_people_import_template(
    caller: CallerDep,
    session: Reading,
    file_format: TemplateFormat = "csv",
) -> Response:
    """Download an empty file for the import of people."""
    await authorize_directory(session, caller, PEOPLE_IMPORT)
    return template_file(PEOPLE_COLUMNS, file_format, "people")


job_routes(
    router,
    prefix=PREFIX,
    kind=KIND,
    permission=PEOPLE_IMPORT,
    name="people_import",
    authorize_platform_job=authorize_directory,
)


@jobs.kind(KIND)
async def run_people_import(job: JobRun) -> None:
    """Import the rows of the uploaded file, from where an earlier run stopped."""
    locale: Locale = job.params["locale"]
    try:
        rows = open_table(await job.content(), PEOPLE_COLUMNS).rows()
        seen = await asyncio.to_thread(_skip, rows, job.done, locale)
        batches = in_batches(rows, ROWS_PER_STEP)
        # Reading and normalising happens in a thread, so that an embedded installation goes on answering requests.
        while (batch := await asyncio.to_thread(next, batches, None)) is not None:
            await _import_batch(job, *await asyncio.to_thread(prepare, batch, locale), seen)
        async with job.step():
            job.total = job.done  # known now; before it was a guess from the size of the file
    except Problem as problem:
        raise JobFailed(str(problem)) from problem


def _skip(rows: Iterator[Row], done: int, locale: Locale) -> Seen:
    """Go past the rows that earlier runs dealt with, remembering which numbers and addresses they used."""
    seen = Seen()
    for batch in in_batches(islice(rows, done), ROWS_PER_STEP):
        for one in prepare(batch, locale)[0]:
            seen.note(one)
    return seen


async def _import_batch(job: JobRun, prepared: list[Prepared], refusals: list[Refusal], seen: Seen) -> None:
    before = dict(job.result)
    for attempt in range(RACES):
        try:
            async with job.step() as session:
                outcome = await apply_batch(
                    session,
                    prepared,
                    seen,
                    dry_run=job.params["dry_run"],
                    locale=job.params["locale"],
                    now=job.runtime.clock(),
                )
                outcome.refusals[:0] = refusals
                _report(job, outcome, before)
        except IntegrityError:
            # Somebody registered one of these people, or took an e-mail, between our look and our write: look again.
            if attempt == RACES - 1:
                raise
        else:
            return


def _report(job: JobRun, outcome: Outcome, before: Mapping[str, int]) -> None:
    for refusal in sorted(outcome.refusals, key=lambda refusal: refusal.row):
        job.error(refusal.row, refusal.code, refusal.text)
    job.advance(done=outcome.done, failed=outcome.failed)
    job.total = max(job.total or 0, job.done + outcome.done + outcome.failed)
    job.result = {name: before.get(name, 0) + getattr(outcome, name) for name in ("registered", "changed", "unchanged")}
