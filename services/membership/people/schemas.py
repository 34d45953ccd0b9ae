"""Requests and answers about people."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, field_validator

from chassis.web.schemas import RequestModel, ResponseModel, Viewer
from services.membership.people import rules
from services.membership.people.models import Person

EmployeeNo = Annotated[str, Field(max_length=64, examples=["00123"]), AfterValidator(rules.normal_employee_no)]
Email = Annotated[str, Field(max_length=254, examples=["zhang.wei@example.com"]), AfterValidator(rules.normal_email)]
Phone = Annotated[str, Field(max_length=40, examples=["13800138000"]), AfterValidator(rules.normal_phone)]
DisplayName = Annotated[str, Field(max_length=100, examples=["张伟"]), AfterValidator(rules.normal_name)]
DepartmentCode = Annotated[str, Field(max_length=64), AfterValidator(rules.normal_department_code)]
Title = Annotated[str, Field(max_length=100), AfterValidator(rules.normal_name)]
JobGrade = Annotated[str, Field(max_length=50), AfterValidator(rules.normal_name)]
Site = Annotated[str, Field(max_length=100), AfterValidator(rules.normal_name)]
Locale = Annotated[str, Field(max_length=16, examples=["zh-CN", "en"]), AfterValidator(rules.normal_locale)]
TimeZone = Annotated[str, Field(max_length=64, examples=["Asia/Shanghai"]), AfterValidator(rules.normal_time_zone)]
AvatarUrl = Annotated[str, Field(max_length=500), AfterValidator(rules.normal_url)]
PersonKind = Literal["employee", "external"]


class PersonCreate(RequestModel):
    """A new person; at least one of employee_no, email and phone."""

    employee_no: EmployeeNo | None = None
    email: Email | None = None
    phone: Phone | None = None
    display_name: DisplayName
    department_code: DepartmentCode | None = None
    title: Title | None = None
    job_grade: JobGrade | None = None
    site: Site | None = None
    hired_on: date | None = None
    kind: PersonKind = "employee"
    locale: Locale | None = None
    time_zone: TimeZone | None = None
    avatar_url: AvatarUrl | None = None


class PersonPatch(RequestModel):
    """A JSON Merge Patch: what is absent stays, null clears."""

    employee_no: EmployeeNo | None = None
    email: Email | None = None
    phone: Phone | None = None
    display_name: DisplayName | None = None
    department_code: DepartmentCode | None = None
    title: Title | None = None
    job_grade: JobGrade | None = None
    site: Site | None = None
    hired_on: date | None = None
    kind: PersonKind | None = None
    locale: Locale | None = None
    time_zone: TimeZone | None = None
    avatar_url: AvatarUrl | None = None

    @field_validator("display_name", "kind")
    @classmethod
    def _not_cleared(cls, value: Any) -> Any:
        if value is None:
            raise ValueError("cannot be cleared")
        return value


class ProfilePatch(RequestModel):
    """What a person changes about himself; a JSON Merge Patch."""

    locale: Locale | None = None
    time_zone: TimeZone | None = None
    avatar_url: AvatarUrl | None = None


class Leaving(RequestModel):
    """The last day, by default today; at most tomorrow (it may be tomorrow already where the person works)."""

    left_on: date | None = None


class Rehiring(RequestModel):
    """The first day of the new employment; by default the old one stays."""

    hired_on: date | None = None


class PersonPublic(ResponseModel):
    """A person, for who may read people."""

    id: UUID
    employee_no: str | None
    email: str | None
    phone: str | None
    display_name: str
    department_code: str | None
    title: str | None
    job_grade: str | None
    site: str | None
    hired_on: date | None
    left_on: date | None
    kind: str
    locale: str | None
    time_zone: str | None
    avatar_url: str | None
    status: str
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, person: Person) -> "PersonPublic":
        """The answer for a row."""
        return cls.model_validate(person)


class PersonDetail(PersonPublic):
    """A person alone, with what the caller can do with him."""

    activated: bool
    password_reset_requested_at: datetime | None
    platform_roles: list[str]
    viewer: Viewer


class PlatformRoleGrant(RequestModel):
    """A role on the platform as a whole."""

    role: Literal["admin", "hr", "auditor"]


class PlatformRolePublic(ResponseModel):
    """A platform role a person has."""

    role: str
    granted_by: str
    granted_at: datetime
