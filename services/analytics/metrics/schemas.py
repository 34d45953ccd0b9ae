"""Metrics as answers."""

from datetime import date, datetime
from typing import Annotated, Literal, get_args
from uuid import UUID

from pydantic import Field, StringConstraints

from chassis.locale import Locale
from chassis.web.actors import Actor
from chassis.web.named import Closed
from chassis.web.schemas import RequestModel, ResponseModel
from chassis.web.values import Moment, OneLine, Said
from services.analytics.metrics.frame import Group, Kind, Metric, Reading, Unit
from services.analytics.metrics.parts import PARTS, unit_of
from services.analytics.metrics.reported import LARGEST_VALUE
from services.analytics.metrics.rules import Grain, Period
from services.analytics.metrics.service import Answer, Compared, Dashboard

GRAIN = Closed("Grain", Grain)
GROUP = Closed("MetricGroup", Group)
UNIT = Closed("MetricUnit", get_args(Unit))
KIND = Closed("MetricKind", get_args(Kind))
Compare = Literal["previous"]
COMPARE = Closed("MetricCompare", Compare)


CODE_PATTERN = "^[a-z][a-z0-9_]*$"
Finite = Annotated[float, Field(ge=-LARGEST_VALUE, le=LARGEST_VALUE, allow_inf_nan=False)]


class MetricCreate(RequestModel):
    """A metric whose values are reported. `code` is unique in its community, and none of the product's own."""

    community_id: UUID
    code: Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=CODE_PATTERN)]
    name: Annotated[str, StringConstraints(min_length=1, max_length=100), OneLine]
    unit: Annotated[str, StringConstraints(min_length=1, max_length=20), OneLine]
    source: Annotated[str, StringConstraints(min_length=1, max_length=200), OneLine]


class ReportedValueCreate(RequestModel):
    """The value of a moment. Of a moment that has one it is a correction."""

    community_id: UUID
    at: Moment
    value: Finite
    note: Annotated[str, StringConstraints(min_length=1, max_length=500), Said] | None = None


class ReportedValuePublic(ResponseModel):
    """A value that was reported. What was corrected stays, with `current` false; `revision` counts the corrections of a moment from 1."""

    id: UUID
    community_id: UUID
    at: datetime
    value: float
    note: str | None
    revision: int
    current: bool
    by: Actor
    reported_at: datetime


class MetricPart(ResponseModel):
    """A step, percentile or dimension that each period has a value of: what it is called, and what its values are in."""

    part: str
    title: str
    unit: Annotated[str, UNIT]


class MetricPublic(ResponseModel):
    """A metric with its definition, in the reader's language.

    Values of kind `flow` may be added up; a `stock` is so at the end of a period; who is counted by `distinct` counts once in each period; the
    others are made anew for each period; of what is `reported`, by the operator from a `source`, the last value of a period counts. Without `ranges`, only whole periods are answered.
    """

    code: str
    version: int
    unit: Annotated[str, UNIT]
    kind: Annotated[str, KIND]
    title: str
    definition: str
    groups: list[Annotated[str, GROUP]]
    grains: list[Annotated[str, GRAIN]]
    parts: list[str] = Field(description="Each period has a value of each; nothing where it has one value alone.")
    part_details: list[MetricPart] = Field(
        description="The same parts with their titles, in the reader's language, and units."
    )
    working: bool
    ranges: bool
    source: str | None = Field(description="Where the values come from that are reported; else null.")


class MetricValue(ResponseModel):
    """A value of a period: of a breakdown value (`group`) of it, of a step or percentile (`part`).

    `n` is how many it rests on: of a ratio those below the line, else the members behind it. `value` is null where there is nobody to speak of, and where it
    is `suppressed`, because it would tell what single people answered. `group` is null, too, for people who have none, as no department.
    """

    from_: date = Field(serialization_alias="from")
    to: date
    group: str | None = Field(
        description="The code of a department, job grade or channel, the id of a cohort, a kind, a tag; of terms and searches what was written.",
    )
    part: str | None = Field(description="One of the metric's `parts`; its title and unit are in `part_details`.")
    value: float | None
    n: int | None
    suppressed: bool


class MetricGroupName(ResponseModel):
    """A breakdown value and what it is called."""

    group: str
    name: str


class MetricAnswer(ResponseModel):
    """The values of a metric. What happened until `as_of` is in them."""

    code: str
    version: int
    unit: Annotated[str, UNIT]
    as_of: datetime
    group_details: list[MetricGroupName] = Field(
        description="By department, cohort and channel, the names of those in `items`, as far as they were told; nothing of other breakdowns."
    )
    items: list[MetricValue]


class MetricDays(ResponseModel):
    """Days of the community, both included."""

    from_: date = Field(serialization_alias="from")
    to: date


class DashboardItem(ResponseModel):
    """A metric's values of the days asked for and, if it is compared, of the days before; else `previous` is empty."""

    code: str
    version: int
    unit: Annotated[str, UNIT]
    title: str
    items: list[MetricValue]
    previous: list[MetricValue]


class DashboardPublic(ResponseModel):
    """Several metrics of the same days. `previous` are the days that they are compared with."""

    as_of: datetime
    from_: date = Field(serialization_alias="from")
    to: date
    previous: MetricDays | None
    items: list[DashboardItem]


def metric_public(metric: Metric, locale: Locale) -> MetricPublic:
    """A metric as it is listed."""
    chinese = locale == "zh-CN"
    return MetricPublic(
        code=metric.code,
        version=metric.version,
        unit=metric.unit,
        kind=metric.kind,
        title=metric.title.zh if chinese else metric.title.en,
        definition=metric.definition.zh if chinese else metric.definition.en,
        groups=[group.value for group in Group if group in metric.groups],
        grains=[grain.value for grain in metric.grains],
        parts=list(metric.parts),
        part_details=[
            MetricPart(
                part=part,
                title=PARTS[part].title.zh if chinese else PARTS[part].title.en,
                unit=unit_of(metric, part),
            )
            for part in metric.parts
        ],
        working=metric.working,
        ranges=metric.ranges,
        source=metric.source,
    )


def _values(readings: list[Reading]) -> list[MetricValue]:
    return [
        MetricValue(
            from_=one.starts_on,
            to=one.ends_on,
            group=one.group,
            part=one.part,
            value=one.value,
            n=one.n,
            suppressed=one.suppressed,
        )
        for one in readings
    ]


def answer_public(answer: Answer) -> MetricAnswer:
    """The answer of one metric."""
    metric = answer.metric
    return MetricAnswer(
        code=metric.code,
        version=metric.version,
        unit=metric.unit,
        as_of=answer.as_of,
        group_details=[MetricGroupName(group=code, name=answer.names[code]) for code in sorted(answer.names)],
        items=_values(answer.readings),
    )


def dashboard_public(dashboard: Dashboard, locale: Locale) -> DashboardPublic:
    """The answer of a dashboard."""
    return DashboardPublic(
        as_of=dashboard.as_of,
        from_=dashboard.days.starts_on,
        to=dashboard.days.ends_on,
        previous=_days(dashboard.previous),
        items=[_compared(one, locale) for one in dashboard.compared],
    )


def _days(period: Period | None) -> MetricDays | None:
    return None if period is None else MetricDays(from_=period.starts_on, to=period.ends_on)


def _compared(one: Compared, locale: Locale) -> DashboardItem:
    return DashboardItem(
        code=one.metric.code,
        version=one.metric.version,
        unit=one.metric.unit,
        title=one.metric.title.zh if locale == "zh-CN" else one.metric.title.en,
        items=_values(one.readings),
        previous=_values(one.previous),
    )
