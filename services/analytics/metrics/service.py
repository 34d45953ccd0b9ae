"""Use cases of reading metrics."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from chassis.database.listing import Listing
from chassis.messaging.lag import as_of
from chassis.problems import INVALID, Problem
from chassis.runtime import Runtime
from chassis.web.work import Work
from services.analytics.metrics.asking import check_metric, check_range, grain_for, whole_grain
from services.analytics.metrics.frame import Asked, Group, Metric, Reading
from services.analytics.metrics.kept import Fresh, keep
from services.analytics.metrics.names import group_names
from services.analytics.metrics.problems import (
    COMPUTED_METRIC,
    UNKNOWN_METRIC,
    too_many_codes,
    too_many_values,
    unknown_code,
    whole_periods_alone,
)
from services.analytics.metrics.reading import read
from services.analytics.metrics.reported import metric_of, metrics_named, values_of
from services.analytics.metrics.rules import Grain, Period, before

MOST_CODES = 20
MOST_VALUES = 20_000
"""A year by days, by fifty breakdown values; an export has more."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The values of one metric."""

    metric: Metric
    as_of: datetime
    readings: list[Reading]
    fresh: Fresh
    names: Mapping[str, str]
    """Of breakdown values that are codes, by code."""


@dataclass(frozen=True, slots=True)
class Compared:
    """The values of one metric of some days, and of the days that they are compared with."""

    metric: Metric
    readings: list[Reading]
    previous: list[Reading]


@dataclass(frozen=True, slots=True)
class Dashboard:
    """The values of several metrics of the same days."""

    as_of: datetime
    days: Period
    previous: Period | None
    compared: list[Compared]
    fresh: Fresh


async def read_metric(
    work: Work,
    code: str,
    *,
    community_id: UUID,
    from_: date,
    to: date,
    grain: Grain | None,
    group_by: Group | None,
    staff: bool,
    working: bool,
) -> Answer:
    """A metric's values. Raises `UNKNOWN_METRIC`, and `INVALID` for what it does not have."""
    await work.permit(community_id)
    metric = await metric_of(work.session, community_id, code)
    if metric is None:
        raise UNKNOWN_METRIC()
    check_metric(metric, group_by=group_by, staff=staff, working=working)
    grain = grain_for(metric, from_, to, grain)
    check_range(from_, to, grain, [metric])
    known_until = await as_of(work.session, work.now)
    asked = Asked(
        community_id=community_id,
        from_=from_,
        to=to,
        now=work.now,
        as_of=known_until,
        grain=grain,
        group_by=group_by,
        staff=staff,
        working=working,
    )
    fresh = Fresh(community_id)
    readings = await read(work.session, metric, asked, fresh)
    if len(readings) > MOST_VALUES:
        raise INVALID(errors=[too_many_values(len(readings), MOST_VALUES)])
    names = await group_names(work.session, group_by, community_id, {one.group for one in readings})
    return Answer(metric, known_until, readings, fresh, names)


async def keep_fresh(runtime: Runtime, fresh: Fresh) -> None:
    """Keep what was computed for a reader, once the reader has it. Where the database is busy, it is computed again."""
    with suppress(Problem):
        async with runtime.database.transaction() as session:
            await keep(session, fresh)


async def list_values(work: Work, code: str, community_id: UUID) -> Listing:
    """What was reported of a metric. Raises `UNKNOWN_METRIC`, `COMPUTED_METRIC`."""
    await work.permit(community_id)
    metric = await metric_of(work.session, community_id, code)
    if metric is None:
        raise UNKNOWN_METRIC()
    if metric.reported_id is None:
        raise COMPUTED_METRIC()
    return values_of(community_id, metric.reported_id)


async def read_dashboard(
    work: Work, codes: Sequence[str], *, community_id: UUID, from_: date, to: date, compare: bool
) -> Dashboard:
    """One value of each metric for all these days, and for the days before. Raises `INVALID`."""
    await work.permit(community_id)
    check_range(from_, to, None)
    named = list(dict.fromkeys(code.strip() for code in codes))
    if len(named) > MOST_CODES:
        raise INVALID(errors=[too_many_codes(len(named), MOST_CODES)])
    found = await metrics_named(work.session, community_id, named)
    if unknown := [code for code in named if code not in found]:
        raise INVALID(errors=[unknown_code(code) for code in unknown])
    metrics = [found[code] for code in named]
    if others := [one for one in metrics if not one.ranges and whole_grain(one, from_, to) is None]:
        raise INVALID(errors=[whole_periods_alone(one.code, [grain.value for grain in one.grains]) for one in others])
    check_range(from_, to, None, metrics)
    days = Period(from_, to)
    previous = before(from_, to) if compare else None
    known_until = await as_of(work.session, work.now)
    fresh = Fresh(community_id)

    async def values(metric: Metric, period: Period | None) -> list[Reading]:
        if period is None:
            return []
        # A whole week, month or quarter is read as such, as what is past of it may be kept.
        whole = whole_grain(metric, period.starts_on, period.ends_on)
        grain = whole or grain_for(metric, period.starts_on, period.ends_on, None)
        asked = Asked(community_id, period.starts_on, period.ends_on, work.now, known_until, grain)
        return await read(work.session, metric, asked, fresh)

    return Dashboard(
        as_of=known_until,
        days=days,
        previous=previous,
        compared=[Compared(metric, await values(metric, days), await values(metric, previous)) for metric in metrics],
        fresh=fresh,
    )
