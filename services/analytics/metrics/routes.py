"""HTTP of metrics."""

from typing import Annotated
from uuid import UUID

from fastapi import BackgroundTasks, Path, Query, Response

from chassis.problems import ALREADY_EXISTS
from chassis.web.dependencies import CallerDep, Localised, Read, RuntimeDep, Write
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate
from chassis.web.values import Day
from services.analytics.metrics import reporting, service
from services.analytics.metrics.frame import Group
from services.analytics.metrics.problems import COMPUTED_METRIC, TOO_MANY_METRICS, UNKNOWN_METRIC
from services.analytics.metrics.reported import metric_of, metrics_of
from services.analytics.metrics.rules import Grain
from services.analytics.metrics.schemas import (
    CODE_PATTERN,
    COMPARE,
    GRAIN,
    GROUP,
    Compare,
    DashboardPublic,
    MetricAnswer,
    MetricCreate,
    MetricPublic,
    ReportedValueCreate,
    ReportedValuePublic,
    answer_public,
    dashboard_public,
    metric_public,
)
from services.analytics.permissions import METRIC_VALUES_WRITE, METRICS_READ

router = api_router(tags=["Metrics"])

Code = Annotated[str, Path(max_length=40, pattern=CODE_PATTERN)]
From = Annotated[Day, Query(alias="from", description="The first day, in the community's time zone.")]
To = Annotated[Day, Query(description="The last day.")]


@router.get("/v1/metrics")
@operation(permission=METRICS_READ)
async def list_metrics(community_id: UUID, work: Read, locale: Localised) -> Page[MetricPublic]:
    """List the metrics of a community, with their definitions."""
    await work.permit(community_id)
    metrics = await metrics_of(work.session, community_id)
    return Page(items=[metric_public(metric, locale) for metric in metrics])


@router.post("/v1/metrics", status_code=201)
@operation(permission=METRIC_VALUES_WRITE, problems=[ALREADY_EXISTS, TOO_MANY_METRICS], located=False)
async def create_metric(body: MetricCreate, work: Write, locale: Localised) -> MetricPublic:
    """Define a metric whose values are reported: at most 100 in a community."""
    await reporting.create_metric(work, body)
    metric = await metric_of(work.session, body.community_id, body.code)
    assert metric is not None  # noqa: S101 - it was made a moment ago
    return metric_public(metric, locale)


@router.get("/v1/metrics/{code}/values")
@operation(permission=METRICS_READ, problems=[UNKNOWN_METRIC, COMPUTED_METRIC])
async def list_reported_values(
    code: Code, community_id: UUID, work: Read, page: PageQuery
) -> Page[ReportedValuePublic]:
    """List what was reported of a metric, the latest first, with what was corrected."""
    listing = await service.list_values(work, code, community_id)
    return await paginate(work.session, listing, page=page, to=ReportedValuePublic.model_validate)


@router.post("/v1/metrics/{code}/values", status_code=201)
@operation(
    permission=METRIC_VALUES_WRITE,
    problems=[UNKNOWN_METRIC, COMPUTED_METRIC],
    existing="This is what is reported of the moment already.",
    located=False,
)
async def report_metric_value(
    code: Code, body: ReportedValueCreate, work: Write, response: Response
) -> ReportedValuePublic:
    """Report the value of a moment, or correct it; the old value is kept."""
    value, is_new = await reporting.report_value(work, code, body)
    if not is_new:
        response.status_code = 200
    return ReportedValuePublic.model_validate(value)


@router.get("/v1/metrics/values")
@operation(permission=METRICS_READ)
async def read_metric_values(
    community_id: UUID,
    codes: Annotated[
        str, Query(max_length=1000, description="At most 20 metrics by their codes, with commas between them.")
    ],
    from_: From,
    to: To,
    work: Read,
    caller: CallerDep,
    runtime: RuntimeDep,
    background: BackgroundTasks,
    locale: Localised,
    compare: Annotated[
        Compare | None,
        COMPARE,
        Query(description="`previous`: as many days before, or of whole months as many months."),
    ] = None,
) -> DashboardPublic:
    """Read several metrics of the same days in one call, and compare them with the days before. Staff is left out."""
    async with runtime.countings.turn(caller.actor):
        dashboard = await service.read_dashboard(
            work, codes.split(","), community_id=community_id, from_=from_, to=to, compare=compare is not None
        )
    if dashboard.fresh.rows:
        background.add_task(service.keep_fresh, runtime, dashboard.fresh)
    return dashboard_public(dashboard, locale)


@router.get("/v1/metrics/{code}")
@operation(permission=METRICS_READ, problems=[UNKNOWN_METRIC])
async def read_metric(
    code: Code,
    community_id: UUID,
    from_: From,
    to: To,
    work: Read,
    caller: CallerDep,
    runtime: RuntimeDep,
    background: BackgroundTasks,
    grain: Annotated[
        Grain | None,
        GRAIN,
        Query(
            description="Answers all periods that have a day of the range, whole. Without it there is one value for the range."
        ),
    ] = None,
    group_by: Annotated[
        Group | None,
        GROUP,
        Query(description="Department and job grade are those at the deed, cohort and channel the present ones."),
    ] = None,
    staff: Annotated[bool, Query(description="Count owners and operators, too.")] = False,
    working: Annotated[bool, Query(description="Count working time, where the metric is a time.")] = False,
) -> MetricAnswer:
    """Read a metric: its values by period.

    The value of a period is of that period: who is active in a month counts once. Periods that have not begun are not answered; what is
    not over is as of `as_of`. At most 400 periods are answered at once, or, without a grain, 3,700 days; of response times, answered shares,
    learning hours and funnels, 1,100 days. One answer has 20,000 values at
    most; an export has more. One caller's questions are computed one after the other.
    """
    async with runtime.countings.turn(caller.actor):
        answer = await service.read_metric(
            work,
            code,
            community_id=community_id,
            from_=from_,
            to=to,
            grain=grain,
            group_by=group_by,
            staff=staff,
            working=working,
        )
    if answer.fresh.rows:
        background.add_task(service.keep_fresh, runtime, answer.fresh)
    return answer_public(answer)
