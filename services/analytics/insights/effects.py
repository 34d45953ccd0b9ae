"""Measuring what came of a change: by the insight's metric, four weeks of the community's days before and after."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import Prepared, bindparam
from chassis.days import day_began_at
from chassis.messaging.lag import as_of
from chassis.timers import Late, Timer, Timers, schedule
from services.analytics.base import known
from services.analytics.insights.effect_rules import FEWEST_TO_SAY, Compared, Figure
from services.analytics.insights.models import Insight
from services.analytics.insights.rules import after, before
from services.analytics.metrics.parts import unit_of
from services.analytics.metrics.reading import Asked, Group, Metric, Reading, read
from services.analytics.metrics.reported import metric_of

SETTLES: Final = timedelta(hours=6)
"""What was done on the last day has come by then."""
MEASURE: Final = "insights.measure"
_MOST_BESIDE: Final = 50

timers = Timers()

_DAY: Prepared[Any] = Prepared(
    select(known.communities.c.time_zone, known.communities.c.day_starts_at).where(
        known.communities.c.id == bindparam("id")
    )
)
_KEPT: Prepared[Insight] = Prepared(select(Insight).where(col(Insight.id) == bindparam("id")).with_for_update())

NO_FIGURE: Final = Figure(None, None)


async def plan(session: AsyncSession, insight: Insight) -> None:
    """Have the effect measured when all days after the change are over."""
    if insight.effect_due_on is None or insight.metric is None:
        return
    row = await _DAY.first(session, id=insight.community_id)
    zone: dict[str, Any] = {"time_zone": "UTC"} if row is None else {"time_zone": row[0], "day_starts_at": row[1]}
    await schedule(session, MEASURE, insight.id, day_began_at(insight.effect_due_on, **zone) + SETTLES)


@timers.on(MEASURE, late=Late.ENDING)
async def measure(session: AsyncSession, timer: Timer) -> None:
    """Write down what came of a change, once: what is told later changes metrics, and no effect."""
    for insight in await _KEPT.load(session, id=timer.subject_id):
        if insight.changed_on is None or insight.metric is None or insight.status == "dismissed":
            return
        metric = await metric_of(session, insight.community_id, insight.metric)
        if metric is None:
            return
        insight.effect = await effect_of(session, insight, metric, insight.changed_on, timer.now)
        insight.measured_at = timer.now
        insight.version += 1


async def effect_of(
    session: AsyncSession, insight: Insight, metric: Metric, changed_on: date, now: datetime
) -> dict[str, Any]:
    """The figures before and after; where the change was for one cohort, those of that one, and those of the others beside it."""
    known_until = await as_of(session, now)

    async def values(days: tuple[date, date], group_by: Group | None) -> Mapping[str | None, Figure]:
        asked = Asked(insight.community_id, *days, now, known_until, group_by=group_by)
        found = await read(session, metric, asked)
        return {one.group: _figure(metric, one) for one in found if one.part in (None, *metric.parts[:1])}

    spans = before(changed_on), after(changed_on)
    if insight.cohort_id is None:
        wholes = [await values(span, None) for span in spans]
        own, beside = _compared(wholes, None), []
    else:
        cohorts = [await values(span, Group.COHORT) for span in spans]
        own = _compared(cohorts, str(insight.cohort_id))
        others = sorted({one for some in cohorts for one in some if one not in (None, str(insight.cohort_id))}, key=str)
        beside = [_written(_compared(cohorts, one)) | {"cohort_id": one} for one in others[:_MOST_BESIDE]]
    return _written(own) | {
        "metric": metric.code,
        "version": metric.version,
        "unit": unit_of(metric, next(iter(metric.parts), None)),
        "before_from": spans[0][0].isoformat(),
        "before_to": spans[0][1].isoformat(),
        "after_from": spans[1][0].isoformat(),
        "after_to": spans[1][1].isoformat(),
        "as_of": known_until.isoformat(),
        "beside": beside,
    }


def _figure(metric: Metric, reading: Reading) -> Figure:
    few = reading.n is None or reading.n < FEWEST_TO_SAY
    # What few people answered is not shown, here neither.
    hidden = reading.suppressed or (metric.protected and few)
    return Figure(None if hidden else reading.value, None if hidden else reading.n)


def _compared(found: list[Mapping[str | None, Figure]], group: str | None) -> Compared:
    first, second = (one.get(group, NO_FIGURE) for one in found)
    return Compared(first, second)


def _written(compared: Compared) -> dict[str, Any]:
    return {
        "before": {"value": compared.before.value, "n": compared.before.n},
        "after": {"value": compared.after.value, "n": compared.after.n},
        "difference": compared.difference,
        "verdict": compared.verdict,
    }


async def can_measure(session: AsyncSession, community_id: UUID, code: str, cohort_id: UUID | None) -> str | None:
    """Why an effect cannot be measured by a metric, computed or reported: the code of what is wrong, None if it can."""
    found = await metric_of(session, community_id, code)
    if found is None:
        return "unknown_metric"
    if not found.ranges:
        return "whole_periods_only"
    if next(iter(found.parts), None) in found.lists:
        return "no_one_value"
    return "no_cohorts" if cohort_id is not None and Group.COHORT not in found.groups else None
