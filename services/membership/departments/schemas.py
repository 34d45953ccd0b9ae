"""Requests and answers about departments."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, Field, field_validator

from chassis.web.schemas import RequestModel, ResponseModel
from chassis.web.values import OneLine
from chassis.wrong import Wrong
from services.membership.departments.models import Department
from services.membership.people import rules

Code = Annotated[str, Field(max_length=64, examples=["D01"]), AfterValidator(rules.normal_department_code)]
Name = Annotated[str, Field(max_length=200, examples=["研发部"]), OneLine]
ManagerNo = Annotated[str, Field(max_length=64), AfterValidator(rules.normal_employee_no)]


class DepartmentCreate(RequestModel):
    """A new department. The manager may be registered later."""

    code: Code
    name: Name
    parent_code: Code | None = None
    manager_employee_no: ManagerNo | None = None


class DepartmentPatch(RequestModel):
    """A JSON Merge Patch: an absent field stays as it is, null clears it. The code cannot be changed."""

    name: Name | None = None
    parent_code: Code | None = None
    manager_employee_no: ManagerNo | None = None

    @field_validator("name")
    @classmethod
    def _not_cleared(cls, value: Any) -> Any:
        if value is None:
            raise Wrong("cannot_be_cleared", "This cannot be cleared.", "不能清空。")
        return value


class DepartmentStep(ResponseModel):
    """One department on the way from the top."""

    code: str
    name: str


class DepartmentRef(DepartmentStep):
    """A department, as named in other answers. `path` leads from the top down to the department itself."""

    path: list[DepartmentStep]


class DepartmentPublic(DepartmentRef):
    """A department. Only those who may read people see its manager."""

    parent_code: str | None
    manager_employee_no: str | None
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, department: Department, ref: DepartmentRef, *, with_manager: bool = True) -> "DepartmentPublic":
        """The answer for a row."""
        values = department.model_dump() | {"path": ref.path}
        return cls.model_validate(values if with_manager else values | {"manager_employee_no": None})
