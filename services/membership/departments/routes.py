"""Departments over HTTP. Their path carries the code, which is their identity."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import Path, Query
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.responses import Response

from chassis.problems import ALREADY_EXISTS
from chassis.web.dependencies import CallerDep, IfMatch, Now, Reading, Transaction
from chassis.web.etags import created, set_etag
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate_together
from services.membership.departments import service
from services.membership.departments.models import Department
from services.membership.departments.problems import DEPARTMENT_CYCLE, UNKNOWN_DEPARTMENT
from services.membership.departments.queries import departments, refs
from services.membership.departments.schemas import (
    DepartmentCreate,
    DepartmentPatch,
    DepartmentPublic,
    DepartmentRef,
)
from services.membership.permissions import DEPARTMENTS_READ, DEPARTMENTS_WRITE

router = api_router(tags=["Departments"])

CodePath = Annotated[str, Path(max_length=64)]


@router.post("/v1/departments", status_code=201)
@operation(permission=DEPARTMENTS_WRITE, problems=[ALREADY_EXISTS, UNKNOWN_DEPARTMENT, DEPARTMENT_CYCLE])
async def create_department(
    body: DepartmentCreate, caller: CallerDep, session: Transaction, now: Now, response: Response
) -> DepartmentPublic:
    """Create a department."""
    department = await service.create(session, caller, body.model_dump(), now)
    created(response, f"/v1/departments/{department.code}", department.version)
    return await _one(session, department)


@router.get("/v1/departments")
@operation(permission=DEPARTMENTS_READ)
async def list_departments(
    caller: CallerDep,
    session: Reading,
    page: PageQuery,
    parent: Annotated[str | None, Query(max_length=64, description="Only departments directly below this one.")] = None,
    under: Annotated[str | None, Query(max_length=64, description="This department and everything below it.")] = None,
) -> Page[DepartmentPublic]:
    """List departments by code, with their paths. Everybody who is logged in may."""
    with_manager = await service.reads_managers(session, caller)

    async def shown(found: Sequence[Department]) -> list[DepartmentPublic]:
        by_code = await refs(session, [one.code for one in found])
        return [DepartmentPublic.of(one, _known(by_code[one.code]), with_manager=with_manager) for one in found]

    return await paginate_together(session, departments(parent=parent, under=under), page=page, to=shown)


@router.get("/v1/departments/{code}")
@operation(permission=DEPARTMENTS_READ)
async def read_department(code: CodePath, caller: CallerDep, session: Reading, response: Response) -> DepartmentPublic:
    """Read a department. Everybody who is logged in may."""
    with_manager = await service.reads_managers(session, caller)
    department = await service.read(session, code)
    set_etag(response, department.version)
    return await _one(session, department, with_manager=with_manager)


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
    """Change a department: its name, parent or manager."""
    changes = body.model_dump(exclude_unset=True)
    department = await service.change(session, caller, code, changes, if_match=if_match, now=now)
    set_etag(response, department.version)
    return await _one(session, department)


async def _one(session: AsyncSession, department: Department, *, with_manager: bool = True) -> DepartmentPublic:
    found = await refs(session, [department.code])
    return DepartmentPublic.of(department, _known(found[department.code]), with_manager=with_manager)


def _known(ref: DepartmentRef | None) -> DepartmentRef:
    assert ref is not None  # noqa: S101 - its department was just read
    return ref
