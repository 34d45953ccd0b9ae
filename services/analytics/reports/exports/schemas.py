"""Exports as requests."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from chassis.web.imports import FileFormat
from chassis.web.jobs import JobPublic
from chassis.web.named import Closed
from chassis.web.schemas import RequestModel
from chassis.web.values import Day
from services.analytics.metrics.frame import Group
from services.analytics.metrics.rules import Grain
from services.analytics.metrics.schemas import GRAIN, GROUP

Subject = Literal["metric", "member_activity", "learning_records"]
SUBJECT = Closed("ExportSubject", Subject)


class ExportListed(JobPublic):
    """An export as its job, and what it is of. `result_url` is where its file is, for a week."""

    subject: Annotated[str, SUBJECT]
    format: Annotated[str, Closed("FileFormat", FileFormat)]
    from_: date = Field(serialization_alias="from")
    to: date
    code: str | None
    group_by: str | None


class ExportCreate(RequestModel):
    """What is exported, of which days of the community, both included.

    `metric`: the values of the metric `code`, as `GET /v1/metrics/{code}` answers them. `member_activity`: what each member did, a row for each. `learning_records`: what
    they learned and taught, a row for each activity. `code`, `grain`, `group_by` and `working` are for a metric alone.
    """

    community_id: UUID
    subject: Annotated[Subject, SUBJECT]
    format: Annotated[FileFormat, Closed("FileFormat", FileFormat)] = "csv"
    from_: Day = Field(alias="from")
    to: Day
    code: Annotated[str, StringConstraints(min_length=1, max_length=64)] | None = None
    grain: Annotated[Grain, GRAIN] | None = None
    group_by: Annotated[Group, GROUP] | None = None
    staff: bool = Field(default=False, description="Also those who run the community.")
    working: bool = Field(default=False, description="Of a metric that has it, working time.")
