"""Reports as requests and answers."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from chassis.locale import Locale
from chassis.web.named import Closed
from chassis.web.schemas import MemberEmbed, RequestModel, ResponseModel
from chassis.web.values import Day
from services.analytics.metrics.schemas import COMPARE, Compare, MetricDays
from services.analytics.reports.rules import Form, Kind, Status

KIND = Closed("ReportKind", Kind)
STATUS = Closed("ReportStatus", Status)
FORM = Closed("ReportForm", Form)
LANGUAGE = Closed("ReportLanguage", Locale)
Failure = Literal["typesetting", "internal_error", "given_up"]
FAILURE = Closed("ReportFailure", Failure)


class ReportCreate(RequestModel):
    """The days of a report, both included, by the community's days: at most 366, and none to come.

    `compare`: `previous` for as many days before, or of whole months as many months.
    """

    community_id: UUID
    from_: Day = Field(alias="from")
    to: Day
    compare: Annotated[Compare, COMPARE] | None = "previous"


class ReportFilePublic(ResponseModel):
    """A file of a report. `size` is in bytes."""

    form: Annotated[str, FORM]
    language: Annotated[str, LANGUAGE]
    media_type: str
    size: int
    href: str


class ReportPublic(ResponseModel):
    """A report. What was known by `as_of` is in it; what comes later changes nothing. Its files are there once it is `ready`."""

    id: UUID
    community_id: UUID
    kind: Annotated[str, KIND]
    title: str
    from_: date = Field(serialization_alias="from")
    to: date
    previous: MetricDays | None
    status: Annotated[str, STATUS]
    failure: Annotated[str, FAILURE] | None = None
    as_of: datetime | None
    requested_by: MemberEmbed | None = Field(description="Null of a weekly report, which nobody asked for.")
    created_at: datetime
    finished_at: datetime | None
    files: list[ReportFilePublic]
