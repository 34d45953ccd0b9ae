"""HTTP of exports."""

import asyncio
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Query, Response

from chassis.problems import INVALID
from chassis.web.dependencies import Localised, Read, Write
from chassis.web.jobs import JobPublic, accepted_job, job_of, job_routes
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate
from services.analytics.permissions import EXPORTS_CREATE, EXPORTS_JOB
from services.analytics.reports.exports import problems, service
from services.analytics.reports.exports.schemas import ExportCreate, ExportListed
from services.analytics.reports.files import MEDIA_TYPES, unpacked

router = api_router(tags=["Reports"])

EXPORTS: Final = "/v1/reports/exports"
FILE: Final = f"{EXPORTS}/{{job_id}}/file"


@router.post(EXPORTS, status_code=202)
@operation(permission=EXPORTS_CREATE, problems=[INVALID, problems.TOO_MANY_EXPORTS], step_up=True)
async def create_export(body: ExportCreate, work: Write, response: Response, locale: Localised) -> JobPublic:
    """Have figures written into a file for spreadsheets; `result_url` says where it is, for a week.

    Texts that a spreadsheet would calculate are written as texts. `result` has the number of `rows` and the `size` in bytes.
    """
    job_id = await service.start(work, body, locale)
    return await accepted_job(work.session, job_id, response, EXPORTS)


@router.get(EXPORTS)
@operation(permission=EXPORTS_CREATE.to_read)
async def list_exports(
    community_id: UUID,
    work: Read,
    page: PageQuery,
    mine: Annotated[bool, Query(description="Only those that the caller started, even if they may see all.")] = False,
) -> Page[ExportListed]:
    """List exports of a community, the latest first: your own, and those of everybody for owners."""
    listing = await service.listing(work, community_id, mine=mine)
    names = listing.statement.selected_columns.keys()

    def shown(row: Any) -> ExportListed:
        job = dict(zip(names, row, strict=True))
        of_job = job_of(job, result_url=service.RESULT.url(EXPORTS, job, work.now))
        return ExportListed(**of_job.model_dump(), **service.wanted_of(job["params"]))

    return await paginate(work.session, listing, page=page, to=shown)


@router.get(FILE)
@operation(
    permission=EXPORTS_CREATE.to_read,
    problems=[problems.EXPORT_NOT_READY, problems.EXPORT_GONE],
    media_types=[MEDIA_TYPES["csv"], MEDIA_TYPES["xlsx"]],
)
async def read_export_file(job_id: UUID, work: Write) -> Response:
    """Read the file of an export. Whoever started it may, and owners of the community; the trail notes it."""
    file = await service.read_file(work, job_id)
    content = await asyncio.to_thread(unpacked, file.content, file.form)
    headers = {"Content-Disposition": f'attachment; filename="{file.name}"', "Cache-Control": "private, no-store"}
    return Response(content, media_type=MEDIA_TYPES[file.form], headers=headers)


job_routes(
    router,
    prefix=EXPORTS,
    kind=service.EXPORT,
    permission=EXPORTS_CREATE,
    name="export",
    errors=False,
    seen_by=EXPORTS_JOB,
    result=service.RESULT,
)
