"""Certifications as requests and answers."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from chassis.web.named import Closed
from chassis.web.patches import ABSENT
from chassis.web.schemas import MemberEmbed, RequestModel, ResponseModel
from chassis.web.values import Day, OneLine
from chassis.wrong import Wrong
from services.gamification.certifications import rules

REQUIREMENT = Closed("CertificationRequirementKind", rules.RequirementKind)
STATUS = Closed("CertificationRunStatus", rules.Status)

Title = Annotated[str, StringConstraints(min_length=1, max_length=100), OneLine]
Code = Annotated[str, StringConstraints(min_length=1, max_length=64)]
MonthDay = Annotated[str, Field(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$", examples=["03-01"])]


class CertificationRequirement(RequestModel):
    """Being at all of an activity: of this one, of one of a series, or of one of a kind."""

    kind: Annotated[rules.RequirementKind, REQUIREMENT] = "activity"
    activity_id: UUID | None = None
    series_id: UUID | None = None
    activity_kind: Code | None = None

    @model_validator(mode="after")
    def _one(self) -> "CertificationRequirement":
        if sum(one is not None for one in (self.activity_id, self.series_id, self.activity_kind)) != 1:
            raise Wrong(
                "one_of_three",
                "Name an activity, a series or a kind of activities.",
                "请指明一个活动、一个系列或一种活动类型。",
            )
        return self


class CertificationWindow(RequestModel):
    """The days of each year in which it is renewed, month and day; it may go over New Year."""

    opens: MonthDay
    closes: MonthDay

    @model_validator(mode="after")
    def _in_every_year(self) -> "CertificationWindow":
        for name, value in (("opens", self.opens), ("closes", self.closes)):
            month, day = (int(part) for part in value.split("-"))
            if day > _DAYS[month - 1]:
                raise Wrong("not_a_day", "No year has this day.", "任何年份都没有这一天。", at=f"/{name}")
        return self


_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


class CertificationCreate(RequestModel):
    """What members must show, by when, and how long it is valid: for `valid_months`, or until a `window` of the next year closes.

    With a `template` of kind `certification`, completing it gives a certificate that is valid as long.
    """

    community_id: UUID
    title_zh: Title
    title_en: Title
    requires: Annotated[list[CertificationRequirement], Field(min_length=1, max_length=20)]
    begins_on: Day | None = Field(
        default=None, description="From when on deeds count; by default the community's today."
    )
    first_due_days: int = Field(default=30, ge=1, le=3650, description="Days in which it is due for the first time.")
    valid_months: int | None = Field(default=None, ge=1, le=120)
    window: CertificationWindow | None = None
    renewal_opens_days: int = Field(
        default=90, ge=1, le=3650, description="Days before it ends in which it is renewed."
    )
    department_codes: Annotated[list[Code], Field(max_length=200)] = Field(
        default=[], description="Asked of who is in these departments alone."
    )
    job_grades: Annotated[list[Code], Field(max_length=100)] = Field(
        default=[], description="Asked of who has these job grades alone."
    )
    template_id: UUID | None = None


class CertificationPatch(RequestModel):
    """What to change. Archived, it is asked of nobody any more; its runs stay."""

    title_zh: Title = ABSENT
    title_en: Title = ABSENT
    archived: bool = ABSENT


class CertificationRequirementPublic(ResponseModel):
    """What must be done. `title`: what the activity is called, or the latest activity of the series; null where none is known, and for a kind."""

    kind: Annotated[str, REQUIREMENT]
    title: str | None
    activity_id: UUID | None = None
    series_id: UUID | None = None
    activity_kind: str | None = None


class CertificationWindowPublic(ResponseModel):
    """The days of each year in which it is renewed."""

    opens: str
    closes: str


class CertificationPublic(ResponseModel):
    """A certification. `title` is in the reader's language."""

    id: UUID
    community_id: UUID
    title: str
    title_zh: str
    title_en: str
    requires: list[CertificationRequirementPublic]
    begins_on: date
    first_due_days: int
    valid_months: int | None
    window: CertificationWindowPublic | None
    renewal_opens_days: int
    department_codes: list[str]
    job_grades: list[str]
    template_id: UUID | None
    archived: bool
    created_at: datetime


class CertificationRunPublic(ResponseModel):
    """A member's run: one period. `title` is the certification's, in the reader's language. `due_on` is the last day; once it is completed, `valid_until` says how long that holds.

    One is `closed` while its member is not asked for it: who left the community, the department or the job grade.
    """

    id: UUID
    certification_id: UUID
    title: str
    community_id: UUID
    member: MemberEmbed
    number: int
    status: Annotated[str, STATUS]
    opens_on: date
    due_on: date
    due_at: datetime
    completed_at: datetime | None
    closed_at: datetime | None
    valid_until: datetime | None


class ComplianceCell(ResponseModel):
    """The active members of a department and a job grade of whom it is asked."""

    department: str | None
    department_name: str | None
    job_grade: str | None
    asked: int
    holding: int = Field(description="Those who completed it, for whom that is still valid.")
    outstanding: int = Field(description="Those who do not hold it, and are not overdue.")
    overdue: int


class Compliance(ResponseModel):
    """Who fulfils a certification, by department and job grade; `total` sums the cells up."""

    certification_id: UUID
    title: str
    as_at: datetime
    total: ComplianceCell
    cells: list[ComplianceCell]
