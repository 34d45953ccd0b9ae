"""HTTP of exports of groups."""

import asyncio
import zlib
from typing import Annotated, Final
from uuid import UUID

from fastapi import Response

from chassis.problems import ILLEGAL_TRANSITION
from chassis.tabular import CSV_TYPE, XLSX_TYPE
from chassis.web.dependencies import Localised, Write
from chassis.web.jobs import JobPublic, accepted_job, job_routes
from chassis.web.named import Closed
from chassis.web.operations import api_router, operation
from chassis.web.schemas import RequestModel
from services.membership.groups import exports
from services.membership.permissions import GROUPS_EXPORT

router = api_router(tags=["Groups"])

EXPORTS: Final = "/v1/groups/exports"
_TYPES: Final = {"csv": CSV_TYPE, "xlsx": XLSX_TYPE}


class GroupExportCreate(RequestModel):
    """Of which community, and what kind of file."""

    community_id: UUID
    format: Annotated[exports.Form, Closed("FileFormat", exports.Form)] = "csv"


@router.post(EXPORTS, status_code=202)
@operation(permission=GROUPS_EXPORT, step_up=True)
async def create_group_export(body: GroupExportCreate, work: Write, response: Response, locale: Localised) -> JobPublic:
    """Have the groups and who belongs to them written into a file for spreadsheets; `result_url` says where it is, for a week.

    It has the columns of the import, a row for each member of each group: groups with nobody in them are not in it. Texts that a spreadsheet would calculate are written as texts.
    """
    job_id = await exports.start(work, body.community_id, body.format, locale)
    return await accepted_job(work.session, job_id, response, EXPORTS)


@router.get(f"{EXPORTS}/{{job_id}}/file")
@operation(permission=GROUPS_EXPORT.to_read, problems=[ILLEGAL_TRANSITION], media_types=[CSV_TYPE, XLSX_TYPE])
async def read_group_export_file(job_id: UUID, work: Write) -> Response:
    """Read the file of an export. Whoever started it may, and owners of the community; the trail notes it."""
    file = await exports.read_file(work, job_id)
    content = await asyncio.to_thread(zlib.decompress, file.content)
    name = f"groups-{file.created_at:%Y-%m-%d}.{file.form}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return Response(content, media_type=_TYPES[file.form], headers=headers)


job_routes(
    router,
    prefix=EXPORTS,
    kind=exports.EXPORT,
    permission=GROUPS_EXPORT,
    name="group_export",
    errors=False,
    result=exports.RESULT,
)
