"""Requests and answers of the directory."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, field_validator

from chassis.web.batch import MAX_ITEMS
from chassis.web.named import Closed
from chassis.web.schemas import RequestModel, Viewer
from chassis.web.values import Day
from chassis.wrong import Wrong
from services.membership.deliveries.schemas import MailRefused
from services.membership.departments.schemas import DepartmentRef
from services.membership.people.schemas import (
    PERSON_KIND,
    AvatarUrl,
    DepartmentCode,
    DisplayName,
    Email,
    EmployeeNo,
    JobGrade,
    Locale,
    PersonKind,
    PersonPublic,
    Phone,
    Site,
    TimeZone,
    Title,
)
from services.membership.platform_roles.schemas import PLATFORM_ROLE


class PersonCreate(RequestModel):
    """A new person; at least one of employee_no, email and phone."""

    employee_no: EmployeeNo | None = None
    email: Email | None = None
    phone: Phone | None = None
    display_name: DisplayName
    department_code: DepartmentCode | None = None
    title: Title | None = None
    job_grade: JobGrade | None = None
    grade_since: Day | None = None
    site: Site | None = None
    hired_on: Day | None = None
    kind: Annotated[PersonKind, PERSON_KIND] = "employee"
    locale: Locale | None = None
    time_zone: TimeZone | None = None
    avatar_url: AvatarUrl | None = None


class PersonPatch(RequestModel):
    """A JSON Merge Patch: an absent field stays as it is, null clears it.

    A new `job_grade` holds since today, unless `grade_since` says otherwise.
    """

    employee_no: EmployeeNo | None = None
    email: Email | None = None
    phone: Phone | None = None
    display_name: DisplayName | None = None
    department_code: DepartmentCode | None = None
    title: Title | None = None
    job_grade: JobGrade | None = None
    grade_since: Day | None = None
    site: Site | None = None
    hired_on: Day | None = None
    kind: Annotated[PersonKind, PERSON_KIND] | None = None
    locale: Locale | None = None
    time_zone: TimeZone | None = None
    avatar_url: AvatarUrl | None = None

    @field_validator("display_name", "kind")
    @classmethod
    def _not_cleared(cls, value: Any) -> Any:
        if value is None:
            raise Wrong("cannot_be_cleared", "This cannot be cleared.", "不能清空。")
        return value


class Leaving(RequestModel):
    """The last day: today by default, tomorrow at the latest (it may already be tomorrow where the person works)."""

    left_on: Day | None = None


class Rehiring(RequestModel):
    """The first day of the new employment. Without it, the recorded day stays."""

    hired_on: Day | None = None


GivenBy = Literal["hand", "mail"]
Action = Literal["activation", "suspend", "reinstate", "leave", "rehire"]


class PeopleBatch(RequestModel):
    """What to do, and to which people. Each is handled like a request of its own.

    `by` says how an activation reaches them: `hand`, its code being in the result; `mail`, nobody but its person being shown it.
    """

    action: Annotated[Action, Closed("PeopleAction", Action)]
    by: Annotated[GivenBy, Closed("GivenBy", GivenBy)] = "hand"
    ids: Annotated[list[UUID], Field(min_length=1, max_length=MAX_ITEMS)]


class PersonListed(PersonPublic):
    """A person with their department, its name and path; whether they have set a password, and when they last said that it is lost."""

    department: DepartmentRef | None
    activated: bool
    password_reset_requested_at: datetime | None


class PersonDetail(PersonListed):
    """One person, with what the caller can do to them."""

    mail_refused: MailRefused | None

    platform_roles: list[Annotated[str, PLATFORM_ROLE]]
    viewer: Viewer
