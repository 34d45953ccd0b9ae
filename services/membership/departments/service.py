"""What is done to departments."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import audit
from chassis.database.rows import existing
from chassis.problems import ALREADY_EXISTS, NOT_FOUND, FieldError
from chassis.security.caller import Caller
from chassis.web.etags import require_match
from chassis.web.patches import changed_by
from services.membership.departments.managers import publish_departments
from services.membership.departments.models import Department
from services.membership.departments.occasions import DepartmentsMoved, departments_moved
from services.membership.departments.problems import DEPARTMENT_CYCLE, UNKNOWN_DEPARTMENT
from services.membership.departments.queries import parents
from services.membership.departments.rules import is_below_itself
from services.membership.people.access import require_active
from services.membership.people.rules import identifier_key
from services.membership.permissions import DEPARTMENTS_WRITE, PEOPLE_READ
from services.membership.platform_roles.access import authorize_platform_now
from services.membership.platform_roles.queries import platform_roles_of


async def create(session: AsyncSession, caller: Caller, values: Mapping[str, Any], now: datetime) -> Department:
    """Add a department. Raises `ALREADY_EXISTS`, `UNKNOWN_DEPARTMENT` for the parent, `DEPARTMENT_CYCLE`."""
    await authorize_platform_now(session, caller, DEPARTMENTS_WRITE)
    if await session.get(Department, values["code"]) is not None:
        raise ALREADY_EXISTS(
            errors=[FieldError("/code", "taken", "Another department has this code.", "该编码已被其他部门使用。")]
        )
    department = Department(**values, created_at=now, updated_at=now)
    department.manager_employee_key = manager_key(department.manager_employee_no)
    await _check_parent(session, department.code, department.parent_code)
    session.add(department)
    await session.flush()
    await publish_departments(session, [department], now)
    await audit(session, caller, department, "create", {name: [None, new] for name, new in values.items()}, now)
    return department


async def reads_managers(session: AsyncSession, caller: Caller) -> bool:
    """Whether the caller, who is somebody still, reads more of departments than their names. Raises `SESSION_REVOKED`."""
    if caller.kind == "service":
        return PEOPLE_READ.name in caller.scopes
    await require_active(session, caller)
    return bool(PEOPLE_READ.platform_roles & set(await platform_roles_of(session, caller.id)))


async def read(session: AsyncSession, code: str) -> Department:
    """One department. Raises `NOT_FOUND`."""
    return await existing(session, Department, code)


async def change(
    session: AsyncSession, caller: Caller, code: str, changes: Mapping[str, Any], *, if_match: int, now: datetime
) -> Department:
    """Apply a merge patch. Raises `PRECONDITION_FAILED`, `UNKNOWN_DEPARTMENT`, `DEPARTMENT_CYCLE`."""
    await authorize_platform_now(session, caller, DEPARTMENTS_WRITE)
    # The whole forest is locked: two moves that are harmless alone could make a ring together.
    forest = {
        row.code: row for row in await session.exec(select(Department).order_by(col(Department.code)).with_for_update())
    }
    department = forest.get(code)
    if department is None:
        raise NOT_FOUND()
    require_match(department.version, if_match)
    changed = changed_by(changes, department)
    if not changed:
        return department
    if "parent_code" in changed:
        await _check_parent(session, code, changes["parent_code"])
    for name, (_, new) in changed.items():
        setattr(department, name, new)
    department.manager_employee_key = manager_key(department.manager_employee_no)
    department.version += 1
    department.updated_at = now
    await publish_departments(session, [department], now)
    if "parent_code" in changed:
        await departments_moved.happened(session, DepartmentsMoved(now))
    await audit(session, caller, department, "update", changed, now)
    return department


def manager_key(employee_no: str | None) -> str | None:
    """The manager's number as it is compared."""
    return None if employee_no is None else identifier_key(employee_no)


async def _check_parent(session: AsyncSession, code: str, parent_code: str | None) -> None:
    if parent_code is None:
        return
    forest = await parents(session)
    if parent_code not in forest and parent_code != code:
        raise UNKNOWN_DEPARTMENT(
            errors=[
                FieldError(
                    "/parent_code",
                    "unknown_department",
                    f"No department: {parent_code}",
                    f"没有这个部门：{parent_code}。",
                )
            ]
        )
    if is_below_itself(code, parent_code, forest):
        raise DEPARTMENT_CYCLE()
