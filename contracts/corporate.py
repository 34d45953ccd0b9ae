"""Messages that come in from other systems of the company. They are sent by those; here stands what is understood of them.

A field that is left out changes nothing, null clears it: so a system says only what it knows.
"""

from datetime import date
from typing import Annotated

from pydantic import Field

from contracts.base import IntegrationEvent
from contracts.fields import known

EmployeeNo = Annotated[str, Field(examples=["00123"], description="Text: leading zeros stay.")]


class Inbound(IntegrationEvent):
    """What another system sends: null is said by it, and silence is not null."""

    def to_json(self) -> str:
        """The data as it travels, with what was said alone."""
        return self.model_dump_json(exclude_unset=True, by_alias=True)


class HrFacts(Inbound):
    """What the company's HR system says of somebody, who is known by their employee number."""

    employee_no: EmployeeNo
    email: Annotated[str | None, Field(examples=["zhang.wei@example.com"])] = None
    phone: Annotated[str | None, Field(examples=["13800138000"])] = None
    department_code: Annotated[
        str | None, Field(examples=["D01"], description="A department that was registered or imported before.")
    ] = None
    title: Annotated[str | None, Field(examples=["工程师"])] = None
    job_grade: Annotated[str | None, Field(examples=["P6"])] = None
    grade_since: Annotated[
        date | None, Field(description="Without it, a new grade holds since the day on which it arrives.")
    ] = None
    site: Annotated[str | None, Field(examples=["上海"])] = None
    hired_on: date | None = None
    kind: Annotated[str, known("employee", "external")] | None = None
    locale: Annotated[str, known("zh-CN", "en")] | None = None
    time_zone: Annotated[str | None, Field(examples=["Asia/Shanghai"])] = None
    avatar_url: Annotated[str | None, Field(examples=["https://example.com/a.png"])] = None


class HrPersonHired(HrFacts, owner="corporate", type="hr.person.hired", subject="employee_no"):
    """Somebody works here from now on, for the first time or again. Who is not known yet is registered."""

    display_name: Annotated[str, Field(examples=["张伟"])]


class HrPersonMoved(HrFacts, owner="corporate", type="hr.person.moved", subject="employee_no"):
    """Something about somebody changed: department, title, grade, site, name or how they are reached."""

    display_name: Annotated[str | None, Field(examples=["张伟"])] = None


class HrPersonLeft(Inbound, owner="corporate", type="hr.person.left", subject="employee_no"):
    """Somebody does not work here any more: their sessions, applications and memberships end."""

    employee_no: EmployeeNo
    left_on: Annotated[
        date | None,
        Field(description="The last day, tomorrow at the latest; else the day on which the message arrives."),
    ] = None
