"""Importing departments: upsert by code, parents before children whatever the order of the file."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import col, select

from chassis.imports import Batch, Import, RowRefused
from chassis.tabular import Column, Kind
from services.membership.departments.managers import publish_departments
from services.membership.departments.models import Department
from services.membership.departments.occasions import DepartmentsMoved, departments_moved
from services.membership.departments.rules import is_below_itself, parents_first
from services.membership.departments.service import manager_key
from services.membership.people.rules import normal_department_code, normal_employee_no, normal_name
from services.membership.permissions import DEPARTMENTS_WRITE
from services.membership.platform_roles.access import authorize_platform_now

_COLUMNS = (
    Column("code", ("部门编码", "code", "department_code"), Kind.CODE, required=True, max_length=64, example="D01"),
    Column("name", ("部门名称", "name", "名称"), max_length=200, example="研发部", empty="refused"),
    Column("parent_code", ("上级部门编码", "parent_code", "上级部门"), Kind.CODE, max_length=64, example="D00"),
    Column("manager_employee_no", ("负责人工号", "manager_employee_no"), Kind.CODE, max_length=64, example="00123"),
)
_NORMAL = {
    "code": normal_department_code,
    "name": normal_name,
    "parent_code": normal_department_code,
    "manager_employee_no": normal_employee_no,
}
_ERRORS = {
    "invalid_code": ("Not a department code: {value}", "部门编码无效：{value}"),
    "invalid_department_code": ("Not a department code: {value}", "部门编码无效：{value}"),
    "invalid_name": ("Not a name: {value}", "名称无效：{value}"),
    "invalid_employee_no": ("Not an employee number: {value}", "工号无效：{value}"),
    "name_missing": ("A new department needs a name.", "新增部门时必须填写名称。"),
    "unknown_parent": ("No department has the code {value}.", "上级部门 {value} 不存在。"),
    "department_cycle": ("A department cannot be below itself.", "部门不能隶属于自身或其下级。"),
}


@dataclass(frozen=True)
class Entry:
    """A row as a node of the forest."""

    values: dict[str, Any]

    @property
    def code(self) -> str:
        return str(self.values["code"])

    @property
    def parent_code(self) -> str | None:
        return self.values.get("parent_code")


class DepartmentBatch(Batch[Entry]):
    """Upserts departments by code."""

    async def read(self, items: Sequence[Entry]) -> None:
        # The whole forest is locked: two moves that are harmless alone could make a ring together.
        rows = await self.session.exec(self.locked(select(Department).order_by(col(Department.code))))
        self._existing = {department.code: department for department in rows}
        self._forest = {code: department.parent_code for code, department in self._existing.items()}
        self._touched: list[Department] = []
        self._moved = False

    def take(self, item: Entry) -> str:
        department = self._existing.get(item.code)
        self._check(item, department)
        self._forest[item.code] = item.values.get("parent_code", department.parent_code if department else None)
        if department is None:
            department = Department(**item.values, created_at=self.now, updated_at=self.now)
            self.session.add(department)
            self._existing[item.code] = department
            done = "created"
        else:
            changed = {name: value for name, value in item.values.items() if getattr(department, name) != value}
            if not changed:
                return "unchanged"
            self._moved = self._moved or "parent_code" in changed
            department.sqlmodel_update(changed | {"version": department.version + 1, "updated_at": self.now})
            done = "changed"
        department.manager_employee_key = manager_key(department.manager_employee_no)
        self._touched.append(department)
        return done

    def _check(self, item: Entry, department: Department | None) -> None:
        if department is None and item.values.get("name") is None:
            raise RowRefused("name_missing")
        if item.parent_code is None:
            return
        if is_below_itself(item.code, item.parent_code, self._forest):
            raise RowRefused("department_cycle")
        if item.parent_code not in self._forest:
            raise RowRefused("unknown_parent", value=item.parent_code)

    async def write(self) -> None:
        await self.session.flush()
        await publish_departments(self.session, self._touched, self.now)
        if self._moved:
            await departments_moved.happened(self.session, DepartmentsMoved(self.now))


department_import = Import(
    name="departments",
    tag="Departments",
    about="""Import departments from CSV or XLSX, sent as the request body.

    Departments are matched by code; rows may come in any order. Departments that are not in the file stay as they are.
    """,
    permission=DEPARTMENTS_WRITE,
    platform=authorize_platform_now,
    columns=_COLUMNS,
    errors=_ERRORS,
    normal=_NORMAL,
    invalid={"parent_code": "invalid_department_code", "manager_employee_no": "invalid_employee_no"},
    unique={"code": str},
    concerns={"name_missing": "name", "department_cycle": "parent_code", "unknown_parent": "parent_code"},
    prepare=Entry,
    order=parents_first,
    batch=DepartmentBatch,
    job="department_import",
    action="department.import",
)
