"""Departments over HTTP. Their path carries the code, which is their identity."""

import asyncio
from typing import Annotated, Any

from fastapi import Path, Query
from sqlalchemy import ColumnElement
from sqlmodel import col, select
from starlette.requests import Request
from starlette.responses import Response

from chassis.audit import audit
from chassis.jobs import start_job
from chassis.problems import ALREADY_EXISTS, NOT_FOUND, UNSUPPORTED_MEDIA_TYPE
from chassis.tabular import TABLE_INVALID, open_table
from chassis.web.dependencies import CallerDep, IfMatch, Localised, Now, Reading, Transaction
from chassis.web.etags import set_etag
from chassis.web.jobs import EMPTY_UPLOAD, UPLOAD_LIMIT, JobPublic, accepted_job, job_routes, read_upload
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate
from chassis.web.templates import TemplateFormat, template_file
from services.membership.departments import service
from services.membership.departments.imports import DEPARTMENT_COLUMNS, KIND
from services.membership.departments.schemas import DepartmentCreate, DepartmentPatch, DepartmentPublic
from services.membership.departments.service import DEPARTMENT_CYCLE
from services.membership.people.access import authorize_directory
from services.membership.people.import_routes import UPLOADS
from services.membership.people.models import Department
from services.membership.people.problems import UNKNOWN_DEPARTMENT
from services.membership.people.queries import below
from services.membership.permissions import DEPARTMENTS_WRITE, PEOPLE_READ

PREFIX = "/v1/departments/imports"

router = api_router(tags=["Departments"])

CodePath = Annotated[str, Path(max_length=64)]


@router.post("/v1/departments", status_code=201)
@operation(permission=DEPARTMENTS_WRITE, problems=[ALREADY_EXISTS, UNKNOWN_DEPARTMENT, DEPARTMENT_CYCLE])
async def create_department(
    body: DepartmentCreate, caller: CallerDep, session: Transaction, now: Now, response: Response
) -> DepartmentPublic:
    """Create a department."""
    department = await service.create(session, caller, body.model_dump(), now)
    set_etag(response, department.version)
    response.headers["Location"] = f"/v1/departments/{department.code}"
    return DepartmentPublic.of(department)


@router.get("/v1/departments")
@operation(permission=PEOPLE_READ)
async def list_departments(
    caller: CallerDep,
    session: Reading,
    page: PageQuery,
    parent: Annotated[str | None, Query(max_length=64, description="Only those directly below.")] = None,
    under: Annotated[str | None, Query(max_length=64, description="This one and everything below it.")] = None,
) -> Page[DepartmentPublic]:
    """List departments by code."""
    await authorize_directory(session, caller, PEOPLE_READ)
    statement = select(Department)
    if parent is not None:
        statement = statement.where(col(Department.parent_code) == parent)
    if under is not None:
        statement = statement.where(col(Department.code).in_(below(under)))
    order: list[ColumnElement[Any]] = [col(Department.code).asc()]
    return await paginate(session, statement, order=order, page=page, to=DepartmentPublic.of)


@router.post(PREFIX, status_code=202)
@operation(
    permission=DEPARTMENTS_WRITE,
    problems=[TABLE_INVALID, UNSUPPORTED_MEDIA_TYPE, EMPTY_UPLOAD],
    max_body=UPLOAD_LIMIT,
)
async def import_departments(
    request: Request,
    response: Response,
    caller: CallerDep,
    session: Transaction,
    now: Now,
    locale: Localised,
    dry_run: Annotated[bool, Query(description="Check everything, write nothing.")] = False,
) -> JobPublic:
    """Import departments from CSV or XLSX, sent as the request body.

    Upsert by code, parents before children whatever the order of the file; a department missing from the file stays.
    """
    await authorize_directory(session, caller, DEPARTMENTS_WRITE)
    content, _ = await read_upload(request, accepted=UPLOADS)
    table = await asyncio.to_thread(open_table, content, DEPARTMENT_COLUMNS)
    params = {"dry_run": dry_run, "locale": locale}
    job_id = await start_job(session, KIND, params, caller=caller, now=now, content=content, total=table.rows_hint)
    await audit(
        session,
        caller,
        action="department.import",
        object_kind="job",
        object_id=job_id,
        changes={"dry_run": [None, dry_run]},
        now=now,
    )
    return await accepted_job(session, job_id, response, PREFIX)


@router.get(f"{PREFIX}/template")
@operation(permission=DEPARTMENTS_WRITE)
async def read_department_import_template(
    caller: CallerDep,
    session: Reading,
    file_format: TemplateFormat = "csv",
) -> Response:
    """Download an empty file for the import of departments."""
    await authorize_directory(session, caller, DEPARTMENTS_WRITE)
    return template_file(DEPARTMENT_COLUMNS, file_format, "departments")


job_routes(
    router,
    prefix=PREFIX,
    kind=KIND,
    permission=DEPARTMENTS_WRITE,
    name="department_import",
    authorize_platform_job=authorize_directory,
)


@router.get("/v1/departments/{code}")
@operation(permission=PEOPLE_READ)
async def read_department(code: CodePath, caller: CallerDep, session: Reading, response: Response) -> DepartmentPublic:
    """Read a department."""
    await authorize_directory(session, caller, PEOPLE_READ)
    department = await session.get(Department, code)
    if department is None:
        raise NOT_FOUND()
    set_etag(response, department.version)
    return DepartmentPublic.of(department)


@router.patch("/v1/departments/{code}")
@operation(permission=DEPARTMENTS_WRITE, problems=[UNKNOWN_DEPARTMENT, DEPARTMENT_CYCLE])
async def update_department(
    code: CodePath,
    body: DepartmentPatch,
    caller: CallerDep,
    session: Transaction,
    now: Now,
    if_match: IfMatch,
    response: Response,
) -> DepartmentPublic:
    """Change a department: its name, what it is below, who manages it."""
    changes = body.model_dump(exclude_unset=True)
    department = await service.change(session, caller, code, changes, if_match=if_match, now=now)
    set_etag(response, department.version)
    return DepartmentPublic.of(department)
