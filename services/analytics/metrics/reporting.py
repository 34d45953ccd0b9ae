"""Use cases of reporting: defining a metric, and saying a value."""

from chassis.problems import INVALID
from chassis.web.work import Work
from services.analytics.metrics.catalogue import METRICS
from services.analytics.metrics.marks import lock_marks
from services.analytics.metrics.models import ReportedMetric, ReportedValue
from services.analytics.metrics.problems import (
    COMPUTED_METRIC,
    IN_THE_FUTURE,
    RESERVED_CODE,
    TOO_MANY_METRICS,
    UNKNOWN_METRIC,
)
from services.analytics.metrics.reported import Told, count_reported, currents, days_of, lock_reported, revise
from services.analytics.metrics.schemas import MetricCreate, ReportedValueCreate

MOST_REPORTED = 100
"""Metrics of its own that a community has."""
RESERVED = frozenset({"values", "imports"})
"""Words that stand in paths where a code does."""


async def create_metric(work: Work, body: MetricCreate) -> ReportedMetric:
    """Define a metric that is reported. Raises `TOO_MANY_METRICS`, and `INVALID` for a code of the product's own."""
    await work.permit(body.community_id)
    if body.code in RESERVED or body.code in METRICS:
        raise INVALID(errors=[RESERVED_CODE])
    await lock_marks(work.session, [body.community_id])
    if await count_reported(work.session, body.community_id) >= MOST_REPORTED:
        raise TOO_MANY_METRICS(limit=MOST_REPORTED)
    return await work.add(ReportedMetric(**body.model_dump(), created_at=work.now))


async def report_value(work: Work, code: str, body: ReportedValueCreate) -> tuple[ReportedValue, bool]:
    """Say the value of a moment, or correct it; whether it is new. What says the same changes nothing.

    Raises `UNKNOWN_METRIC`, `COMPUTED_METRIC`, and `INVALID` for a moment to come.
    """
    await work.permit(body.community_id)
    if code in METRICS:
        raise COMPUTED_METRIC()
    metric = (await lock_reported(work.session, body.community_id, [code])).get(code)
    if metric is None:
        raise UNKNOWN_METRIC()
    if body.at > work.now:
        raise INVALID(errors=[IN_THE_FUTURE])
    current = (await currents(work.session, [metric.id], [body.at])).get((metric.id, body.at))
    day = (await days_of(work.session, body.community_id)).day_of(body.at)
    by = work.actor
    row = revise(metric, current, Told(body.at, body.value, body.note), day, by, work.now)
    if row is None:
        assert current is not None  # noqa: S101 - only what is there can say the same
        return current, False
    return await work.add(row), True
