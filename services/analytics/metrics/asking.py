"""What may be asked of a metric. Raises precise problems; pure."""

from collections.abc import Iterable
from datetime import date

from chassis.problems import INVALID
from services.analytics.metrics.frame import Group, Metric
from services.analytics.metrics.problems import (
    BACKWARDS,
    NO_WORKING_TIME,
    NOBODY_COUNTED,
    STAFF_APART,
    grain_needed,
    no_such_grain,
    no_such_group,
    too_long,
    too_long_of,
    too_many_periods,
)
from services.analytics.metrics.rules import Grain, Period, count_periods, period_of, start_of

MOST_PERIODS = 400
"""A year by days, and some."""
MOST_DAYS = 3_700
"""Ten years."""


def check_range(from_: date, to: date, grain: Grain | None, metrics: Iterable[Metric] = ()) -> None:
    """Refuse days that run backwards, and more than are answered at once, or of any of these metrics. Raises `INVALID`."""
    if to < from_:
        raise INVALID(errors=[BACKWARDS])
    if grain is None and (days := (to - from_).days + 1) > MOST_DAYS:
        raise INVALID(errors=[too_long(days, MOST_DAYS)])
    if grain is not None and (count := count_periods(from_, to, grain)) > MOST_PERIODS:
        raise INVALID(errors=[too_many_periods(count, MOST_PERIODS)])
    days = (to - from_).days + 1 if grain is None else (period_of(to, grain).ends_on - start_of(from_, grain)).days + 1
    errors = [too_long_of(one.code, days, one.longest) for one in metrics if one.longest and days > one.longest]
    if errors:
        raise INVALID(errors=errors)


def check_metric(metric: Metric, *, group_by: Group | None, staff: bool, working: bool) -> None:
    """Refuse what the metric does not have. Raises `INVALID`."""
    errors = []
    if group_by is not None and group_by not in metric.groups:
        errors.append(no_such_group(group_by.value, sorted(group.value for group in metric.groups)))
    if working and not metric.working:
        errors.append(NO_WORKING_TIME)
    if staff and not metric.staffed:
        errors.append(STAFF_APART if metric.reported_id is None else NOBODY_COUNTED)
    if errors:
        raise INVALID(errors=errors)


def grain_for(metric: Metric, from_: date, to: date, grain: Grain | None) -> Grain | None:
    """The grain to answer by: of a metric that has whole periods alone, the one that these days are. Raises `INVALID`."""
    grains = [one.value for one in metric.grains]
    if grain is not None and grain not in metric.grains:
        raise INVALID(errors=[no_such_grain(grain.value, grains)])
    if grain is not None or metric.ranges:
        return grain
    if (whole := whole_grain(metric, from_, to)) is not None:
        return whole
    raise INVALID(errors=[grain_needed(metric.code, grains)])


def whole_grain(metric: Metric, from_: date, to: date) -> Grain | None:
    """The grain of which these days are one whole period."""
    whole = Period(from_, to)
    return next((one for one in metric.grains if period_of(from_, one) == whole), None)
