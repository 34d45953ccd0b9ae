"""HTTP of imports and exports of questions. Whoever may write into a bank sees what was sent to it, and what is written of it: they read all of it."""

import asyncio
import zlib
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from assessment.formats import Unreadable, template
from chassis.budget import OverBudget, in_thread
from chassis.database.listing import Listing
from chassis.jobs import cancel_job, packed
from chassis.problems import ILLEGAL_TRANSITION, NOT_FOUND
from chassis.tabular import CSV_TYPE, TABLE_INVALID, XLSX_TYPE
from chassis.tabular.writing import csv_file, xlsx_file
from chassis.web.dependencies import CallerDep, LaterTransaction, Localised, Now, Read, RuntimeDep, Write
from chassis.web.imports import LOOK_SECONDS, TemplateFormat, table_file
from chassis.web.jobs import JobError, JobPublic, accepted_job, errors_of, job_of, job_row, jobs_of
from chassis.web.named import Closed
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate
from chassis.web.schemas import RequestModel
from chassis.web.uploads import EMPTY_UPLOAD, UPLOAD_LIMIT, receive_upload
from chassis.web.work import Work
from services.events.permissions import QUESTION_BANKS_READ, QUESTION_BANKS_WRITE
from services.events.question_banks import exports, importing
from services.events.question_banks.access import seen_bank
from services.events.question_banks.files import ACCEPTED, Format, read
from services.events.question_banks.problems import QUESTIONS_UNREADABLE

router = api_router(tags=["Question banks"])

ONE: Final = "/v1/question-banks/{question_bank_id}"
FORMAT: Final = Closed("QuestionFileFormat", Format)
_BODY: Final = {
    "requestBody": {
        "required": True,
        "description": "The file as it is.",
        "content": {
            one: {"schema": {"type": "string", "format": "binary"}}
            for one in sorted({one for some in ACCEPTED.values() for one in some})
        },
    }
}


@router.post(f"{ONE}/imports", status_code=202, openapi_extra=_BODY)
@operation(
    permission=QUESTION_BANKS_WRITE,
    problems=[QUESTIONS_UNREADABLE, TABLE_INVALID, EMPTY_UPLOAD, ILLEGAL_TRANSITION],
    max_body=UPLOAD_LIMIT,
)
async def import_questions(
    question_bank_id: UUID,
    request: Request,
    response: Response,
    runtime: RuntimeDep,
    caller: CallerDep,
    begin: LaterTransaction,
    now: Now,
    locale: Localised,
    form: Annotated[Format, Query(alias="format"), FORMAT],
    dry_run: Annotated[bool, Query(description="Check the whole file and write nothing.")] = False,
) -> JobPublic:
    """Import questions from GIFT, Aiken, Moodle XML, or a table (XLSX or CSV with 题干, 选项A …, 答案, 解析, 分值), sent as the request body.

    A question that the bank has already, as it is now or as it was imported once, is left as it is: the same file again changes nothing. It is the same if
    it asks the same and takes the same for right. One with the id number of a question here (`idnumber` in Moodle XML, `[id:…]` in GIFT, a column 编号; in exports
    each has one) changes that question where the file says something else, as a new version, and the errors tell it by `changed`. What cannot be a question is among the errors, by its line or row, and so is what is skipped, by the name that the format has for it. `result` has how
    many were `created`, `changed`, `unchanged` and `skipped`.
    """
    declared = request.scope["route"].operation.permission
    async with runtime.database.reading(request_id=request.state.request_id) as session:
        await seen_bank(Work(session, now, caller, declared), question_bank_id, open_only=True)
    file = await receive_upload(request, accepted=ACCEPTED[form])
    async with runtime.interpreting.turn(caller.actor):
        content = await in_thread(file.content)
        await _look(content, form, file.content_type)
        upload = await in_thread(lambda: packed(content))
    work = Work(await begin(), now, caller, declared)
    job_id = await importing.start(
        work, question_bank_id, upload, form=form, media_type=file.content_type, dry_run=dry_run, locale=locale
    )
    return await accepted_job(work.session, job_id, response, f"/v1/question-banks/{question_bank_id}/imports")


async def _look(content: bytes, form: Format, media_type: str) -> None:
    """Whether it is such a file at all: its first question is looked for. Raises `QUESTIONS_UNREADABLE`, `TABLE_INVALID`."""
    try:
        await in_thread(lambda: next(read(content, form, media_type), None), seconds=LOOK_SECONDS, gentle=True)
    except Unreadable as wrong:
        raise QUESTIONS_UNREADABLE(wrong.en, wrong.zh, reason=wrong.code) from None
    except OverBudget:
        # Its job has more time, and says what is wrong with it.
        return


@router.get(f"{ONE}/imports/template")
@operation(permission=QUESTION_BANKS_READ, media_types=[CSV_TYPE, XLSX_TYPE])
async def read_question_import_template(
    question_bank_id: UUID, work: Read, file_format: TemplateFormat = "csv"
) -> Response:
    """Download a table for importing questions, with a question of each kind to write over."""
    await seen_bank(work, question_bank_id)
    rows = template()
    content = await in_thread(lambda: csv_file(rows) if file_format == "csv" else xlsx_file(rows, title="questions"))
    return table_file(content, file_format, name="questions")


class QuestionExportCreate(RequestModel):
    """What kind of file."""

    format: Annotated[Format, FORMAT]


@router.post(f"{ONE}/exports", status_code=202)
@operation(permission=QUESTION_BANKS_READ)
async def export_questions(
    question_bank_id: UUID, body: QuestionExportCreate, work: Write, response: Response, locale: Localised
) -> JobPublic:
    """Have the questions of a bank written into a file, but for those that are put away; `result_url` says where it is, for a week.

    What the format cannot hold is among the errors, by the number of the question: `left_out` is a part of it, `not_written` all of it, since it would be
    graded in another way.
    """
    job_id = await exports.start(work, question_bank_id, body.format, locale)
    return await accepted_job(work.session, job_id, response, f"/v1/question-banks/{question_bank_id}/exports")


@router.get(f"{ONE}/exports/{{job_id}}/file")
@operation(
    permission=QUESTION_BANKS_READ,
    problems=[ILLEGAL_TRANSITION],
    media_types=sorted({media_type.partition(";")[0] for _, media_type in exports.FILES.values()}),
)
async def read_question_export_file(question_bank_id: UUID, job_id: UUID, work: Write) -> Response:
    """Read the file of an export. Whoever does so has read the bank; the trail notes it."""
    job = await _job(work, question_bank_id, job_id, exports.EXPORT)
    file = await exports.read_file(work, question_bank_id, job)
    content = await asyncio.to_thread(zlib.decompress, file.content)
    ending, media_type = exports.FILES[file.form]  # type: ignore[index]  # a request had one of them
    name = f"questions-{file.created_at:%Y-%m-%d}.{ending}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return Response(content, media_type=media_type, headers=headers)


async def _job(work: Work, bank_id: UUID, job_id: UUID, kind: str) -> dict[str, Any]:
    """A job of a bank that the caller may use so. Raises `NOT_FOUND`, and what `seen_bank` raises."""
    await seen_bank(work, bank_id)
    job = await job_row(work.session, job_id, kind)
    if job["params"]["question_bank_id"] != str(bank_id):
        raise NOT_FOUND()
    return job


def _jobs_of(session: AsyncSession, kind: str, community_id: UUID, bank_id: UUID) -> Listing:
    """The jobs of a bank, the newest first."""
    every = jobs_of(session, kind, community_id=community_id, started_by=None)
    params = every.statement.selected_columns["params"]
    return Listing(every.statement.where(params["question_bank_id"].as_string() == str(bank_id)), every.order)


def _job_routes(router: APIRouter, *, kind: str, plural: str, name: str, what: str) -> None:
    """What imports and exports have alike."""
    prefix = f"{ONE}/{plural}"
    result = exports.RESULT if kind == exports.EXPORT else None

    def answered(job: dict[str, Any], bank_id: UUID, work: Work) -> JobPublic:
        path = f"/v1/question-banks/{bank_id}/{plural}"
        return job_of(job, result_url=result.url(path, job, work.now) if result else None)

    @operation(permission=QUESTION_BANKS_READ)
    async def list_jobs(question_bank_id: UUID, work: Read, page: PageQuery) -> Page[JobPublic]:
        seen = await seen_bank(work, question_bank_id)
        listing = _jobs_of(work.session, kind, seen.bank.community_id, question_bank_id)
        names = listing.statement.selected_columns.keys()
        return await paginate(
            work.session,
            listing,
            page=page,
            to=lambda row: answered(dict(zip(names, row, strict=True)), question_bank_id, work),
        )

    @operation(permission=QUESTION_BANKS_READ)
    async def read_job(question_bank_id: UUID, job_id: UUID, work: Read) -> JobPublic:
        return answered(await _job(work, question_bank_id, job_id, kind), question_bank_id, work)

    @operation(permission=QUESTION_BANKS_READ)
    async def list_errors(question_bank_id: UUID, job_id: UUID, work: Read, page: PageQuery) -> Page[JobError]:
        await _job(work, question_bank_id, job_id, kind)
        return await errors_of(work.session, job_id, page)

    @operation(permission=QUESTION_BANKS_WRITE, problems=[ILLEGAL_TRANSITION])
    async def cancel(question_bank_id: UUID, job_id: UUID, work: Write) -> JobPublic:
        job = await _job(work, question_bank_id, job_id, kind)
        if not await cancel_job(work.session, job_id, work.now):
            raise ILLEGAL_TRANSITION(state=job["state"])
        return answered(await job_row(work.session, job_id), question_bank_id, work)

    list_jobs.__doc__ = f"List {what} of a question bank, the newest first."
    read_job.__doc__ = f"Read how one of the {what} of questions stands."
    list_errors.__doc__ = f"List what one of the {what} of questions could not take over, by row, line or number."
    cancel.__doc__ = f"Cancel one of the {what} of questions. What it has already written stays."
    router.add_api_route(prefix, list_jobs, methods=["GET"], operation_id=f"list_{name}s")
    router.add_api_route(f"{prefix}/{{job_id}}", read_job, methods=["GET"], operation_id=f"read_{name}")
    router.add_api_route(
        f"{prefix}/{{job_id}}/errors", list_errors, methods=["GET"], operation_id=f"list_{name}_errors"
    )
    router.add_api_route(f"{prefix}/{{job_id}}/cancel", cancel, methods=["POST"], operation_id=f"cancel_{name}")


_job_routes(router, kind=importing.IMPORT, plural="imports", name="question_import", what="imports")
_job_routes(router, kind=exports.EXPORT, plural="exports", name="question_export", what="exports")
