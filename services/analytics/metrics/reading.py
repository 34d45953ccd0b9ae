"""Reading a metric: what a dashboard, a goal, an insight and a report ask."""

from collections.abc import Sequence
from dataclasses import replace

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.moments import Calendars
from chassis.projections.history import calendars_of
from services.analytics.metrics.catalogue import METRICS
from services.analytics.metrics.frame import Asked, Group, Metric, Reading
from services.analytics.metrics.kept import Fresh, kept, may_be_kept, rows_to_keep, touched
from services.analytics.metrics.protecting import months_of, quarters_of, without_small
from services.analytics.metrics.rules import Grain, Period, periods, runs

__all__ = ["METRICS", "Asked", "Grain", "Group", "Metric", "Period", "Reading", "read"]


async def read(session: AsyncSession, metric: Metric, asked: Asked, fresh: Fresh | None = None) -> list[Reading]:
    """The values of a metric, by period, breakdown value and part; periods that have not begun have none.

    Does not check what may be asked: a group that the metric does not have, or more periods than anybody reads. What may be kept of it
    for others goes into `fresh`.
    """
    asked = replace(asked, today=(await _calendars(session, asked)).day_of(asked.now))
    wanted = _begun(asked, periods(asked.from_, asked.to, asked.grain))
    if not wanted:
        return []
    if metric.protected:
        return await _protected(session, metric, asked, wanted)
    if not may_be_kept(metric, asked):
        return await metric.compute(session, asked, wanted)
    before = await touched(session, asked.community_id) if fresh is not None else 0
    found = await kept(session, metric, asked, wanted)
    computed = await _computed(session, metric, asked, [one for one in wanted if one not in found])
    if fresh is not None:
        fresh.touched = min(fresh.touched, before) if fresh.rows else before
        fresh.rows += rows_to_keep(metric, asked, computed)
    found |= computed
    return [one for period in wanted for one in found.get(period, [])]


async def _computed(
    session: AsyncSession, metric: Metric, asked: Asked, missing: Sequence[Period]
) -> dict[Period, list[Reading]]:
    """The values of these periods: those that follow each other together."""
    found: dict[Period, list[Reading]] = {}
    for some in runs(missing):
        found |= {period: [] for period in some}
        for one in await metric.compute(session, asked, some):
            found[Period(one.starts_on, one.ends_on)].append(one)
    return found


async def _protected(session: AsyncSession, metric: Metric, asked: Asked, wanted: list[Period]) -> list[Reading]:
    quarters = quarters_of(wanted)
    rows = {Grain.QUARTER: _begun(asked, quarters), Grain.MONTH: _begun(asked, months_of(quarters))}

    async def all_of(group_by: Group | None) -> list[Reading]:
        found: list[Reading] = []
        for grain, some in rows.items():
            found += await metric.compute(session, replace(asked, grain=grain, group_by=group_by), some)
        return found

    whole = await all_of(None)
    by_group = await all_of(asked.group_by) if asked.group_by is not None else []
    found = whole if asked.group_by is None else by_group
    of_wanted = [one for one in found if Period(one.starts_on, one.ends_on) in wanted]
    return without_small(of_wanted, whole, by_group, today=asked.today)


def _begun(asked: Asked, some: list[Period]) -> list[Period]:
    return [one for one in some if one.starts_on <= asked.today]


async def _calendars(session: AsyncSession, asked: Asked) -> Calendars:
    return (await calendars_of(session, [asked.community_id]))[asked.community_id]
