"""How the fields of a person are written in requests, and a person in answers."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, Field

from chassis.avatars import Avatars
from chassis.texts import Hidden
from chassis.web.named import Closed
from chassis.web.schemas import ResponseModel
from chassis.web.values import OneLine
from services.membership.people import rules
from services.membership.people.models import Person
from services.membership.people.naming import as_written

EmployeeNo = Annotated[str, Field(max_length=64, examples=["00123"]), AfterValidator(rules.normal_employee_no)]
Email = Annotated[str, Field(max_length=254, examples=["zhang.wei@example.com"]), AfterValidator(rules.normal_email)]
Phone = Annotated[str, Field(max_length=40, examples=["13800138000"]), AfterValidator(rules.normal_phone)]
DisplayName = Annotated[str, Field(max_length=100, examples=["张伟"]), OneLine]
DepartmentCode = Annotated[str, Field(max_length=64), AfterValidator(rules.normal_department_code)]
Title = Annotated[str, Field(max_length=100), OneLine]
JobGrade = Annotated[str, Field(max_length=50), OneLine]
Site = Annotated[str, Field(max_length=100), OneLine]
Locale = Annotated[str, Field(max_length=16, examples=["zh-CN", "en"]), AfterValidator(rules.normal_locale)]
TimeZone = Annotated[str, Field(max_length=64, examples=["Asia/Shanghai"]), AfterValidator(rules.normal_time_zone)]
AvatarUrl = Annotated[str, Field(max_length=500), AfterValidator(rules.normal_url)]
OwnAvatar = Annotated[
    str,
    Field(
        max_length=500, description="A web address, or `attachment:<id>` of a picture sent with the purpose `avatar`."
    ),
    AfterValidator(rules.normal_picture),
]
PersonKind = Literal["employee", "external"]
PersonStatus = Literal["active", "suspended", "left", "erased"]
PERSON_KIND = Closed("PersonKind", PersonKind)
HIDDEN = Closed("TextHidden", Hidden)
PERSON_STATUS = Closed("PersonStatus", PersonStatus)


class PersonPublic(ResponseModel):
    """A person, as shown to those who may read people."""

    id: UUID
    employee_no: str | None
    email: str | None
    phone: str | None
    display_name: str = Field(description="As it was written last, whether others read it or not.")
    name_hidden: Annotated[str, HIDDEN] | None = Field(
        description="Why others do not read the name; null where they do. Who keeps people reads it, and the person."
    )
    department_code: str | None
    title: str | None
    job_grade: str | None
    grade_since: date | None
    site: str | None
    hired_on: date | None
    left_on: date | None
    kind: Annotated[str, PERSON_KIND]
    locale: str | None
    time_zone: str | None
    avatar_url: str | None
    status: Annotated[str, PERSON_STATUS]
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, person: Person, avatars: Avatars) -> "PersonPublic":
        """The answer for a row."""
        shown = cls.model_validate(person)
        shown.display_name = as_written(person)
        shown.avatar_url = avatars(person.avatar_url)
        return shown
