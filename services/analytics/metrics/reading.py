"""Reading a metric: what a dashboard, a goal, an insight and a report ask."""

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.moments import Calendars
from chassis.projections.history import calendars_of
from services.analytics.metrics.catalogue import METRICS
from services.analytics.metrics.frame import Asked, Group, Metric, Reading
from services.analytics.metrics.rules import Grain, Period, periods

__all__ = ["METRICS", "Asked", "Grain", "Group", "Metric", "Period", "Reading", "read"]


async def read(session: AsyncSession, metric: Metric, asked: Asked) -> list[Reading]:
    """The values of a metric, by period, breakdown value and part; periods that have not begun have none.

    Does not check what may be asked: a group that the metric does not have, or more periods than anybody reads.
    """
    today = (await _calendars(session, asked)).day_of(asked.now)
    begun = [one for one in periods(asked.from_, asked.to, asked.grain) if one.starts_on <= today]
    return await metric.compute(session, asked, begun) if begun else []


async def _calendars(session: AsyncSession, asked: Asked) -> Calendars:
    return (await calendars_of(session, [asked.community_id]))[asked.community_id]
