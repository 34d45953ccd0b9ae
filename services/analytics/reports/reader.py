"""Reading metrics for a report."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from services.analytics.metrics.frame import Asked, Group, Metric, Reading
from services.analytics.metrics.reading import METRICS, read
from services.analytics.metrics.rules import Grain, Period, period_of
from services.analytics.reports.models import Report


@dataclass(frozen=True)
class Reader:
    """Who reads for one report."""

    session: AsyncSession
    report: Report
    now: datetime
    as_of: datetime

    @property
    def days(self) -> Period:
        """The days that it is about."""
        return Period(self.report.starts_on, self.report.ends_on)

    @property
    def before(self) -> Period | None:
        """The days that these are compared with."""
        report = self.report
        if report.compared_from is None or report.compared_to is None:
            return None
        return Period(report.compared_from, report.compared_to)

    async def values(
        self, code: str, period: Period | None, grain: Grain | None, group: Group | None = None
    ) -> list[Reading]:
        """What a metric says; nothing where there is no such metric, or it has no such question."""
        metric = METRICS.get(code)
        if metric is None or period is None or (group is not None and group not in metric.groups):
            return []
        if grain is None and not metric.ranges:
            grain = _whole(metric, period)
            if grain is None:
                return []
        if grain is not None and grain not in metric.grains:
            return []
        asked = Asked(self.report.community_id, period.starts_on, period.ends_on, self.now, self.as_of, grain, group)
        return await read(self.session, metric, asked)


def _whole(metric: Metric, period: Period) -> Grain | None:
    """The grain of which these days are one whole period."""
    return next((one for one in metric.grains if period_of(period.starts_on, one) == period), None)


def titles_of(metric: Metric) -> dict[str, str]:
    """What a metric is called, in both languages."""
    return {"zh": metric.title.zh, "en": metric.title.en}
