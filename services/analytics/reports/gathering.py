"""What a report says, read from what the other features keep. The answer is JSON and in no language."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.days import zone_of
from chassis.security.authority import CommunityFacts
from services.analytics.goals.measuring import course_of, judged, measured
from services.analytics.metrics.frame import Asked, Group, Metric, Reading
from services.analytics.metrics.reading import METRICS, read
from services.analytics.metrics.rules import Grain, Period, period_of
from services.analytics.reports import queries
from services.analytics.reports.models import Report
from services.analytics.reports.rules import grain_of, nameless

HEADLINES: Final = (
    "members", "joined", "left", "active_members", "activity_rate", "participation", "readers", "stickiness", "posts",
    "replies", "answered_share", "response_time", "checkin_rate", "satisfaction", "learning_hours", "contribution_gini",
    "points_issued",
)  # fmt: skip
"""In the order in which they are shown, as far as there are such metrics."""
LINES: Final = (("written", ("posts", "replies")), ("came_and_left", ("joined", "left")))
GROUPS: Final = (
    ("by_department", "activity_rate", Group.DEPARTMENT),
    ("by_kind", "satisfaction", Group.KIND),
    ("by_tag", "content_interest", Group.TAG),
)
FUNNELS: Final = ("activity_funnel", "recruitment_funnel")
MOST_GROUPS: Final = 12
WEEKS_BACK: Final = 12


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


async def gather(session: AsyncSession, report: Report, now: datetime, as_of: datetime) -> dict[str, Any]:
    """Everything that the report says."""
    reader = Reader(session, report, now, as_of)
    names = await queries.names_in(session, report.community_id)
    community = await queries.community_of(session, report.community_id)
    content: dict[str, Any] = {
        "community": {"name": community.name, "time_zone": community.time_zone},
        "figures": await _figures(reader),
        "charts": [
            *await _trend(reader),
            *await _lines(reader),
            *await _lifecycle(reader),
            *await _groups(reader),
            *await _funnels(reader),
        ],
        "goals": await _goals(reader, community),
        "insights": await queries.insights_of(session, report),
        "waiting": await _waiting(reader, community.time_zone) if report.kind == "weekly" else None,
    }
    return _without(content, names)


def _without(content: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """The same, and nobody is named in what people wrote; the community keeps its own name."""
    for one in (*content["goals"], *content["insights"]):
        for key in ("title", "change"):
            if one.get(key) is not None:
                one[key] = nameless(one[key], names)
    return content


async def _figures(reader: Reader) -> list[dict[str, Any]]:
    figures = []
    for code in HEADLINES:
        then = {one.part: one for one in await reader.values(code, reader.before, None)}
        for one in await reader.values(code, reader.days, None):
            metric, old = METRICS[code], then.get(one.part)
            figures.append(
                {
                    "code": code,
                    "version": metric.version,
                    "unit": metric.unit,
                    "title": _both(metric),
                    "part": one.part,
                    "value": one.value,
                    "n": one.n,
                    "suppressed": one.suppressed,
                    "before": old.value if old else None,
                    "before_n": old.n if old else None,
                }
            )
    return figures


async def _trend(reader: Reader) -> list[dict[str, Any]]:
    """Who was active, by week: of a week the twelve before too, of longer days beside those before."""
    days, series = reader.days, []
    if reader.report.kind == "weekly":
        days = Period(days.starts_on - timedelta(weeks=WEEKS_BACK - 1), days.ends_on)
        series.append(("now", await reader.values("active_members", days, Grain.WEEK)))
    else:
        series.append(("now", await reader.values("active_members", days, Grain.WEEK)))
        series.append(("before", await reader.values("active_members", reader.before, Grain.WEEK)))
    return _over_time("active_weeks", "members", series)


async def _lines(reader: Reader) -> list[dict[str, Any]]:
    charts = []
    grain = Grain(grain_of(reader.days.days))
    for key, codes in LINES:
        series = [(code, await reader.values(code, reader.days, grain)) for code in codes]
        charts += _over_time(key, "count", series)
    return charts


async def _lifecycle(reader: Reader) -> list[dict[str, Any]]:
    days = reader.days
    if reader.report.kind == "weekly":
        days = Period(days.starts_on - timedelta(weeks=WEEKS_BACK - 1), days.ends_on)
    values = await reader.values("lifecycle", days, Grain.WEEK)
    parts = dict.fromkeys(one.part for one in values if one.part is not None)
    series = [(part, [one for one in values if one.part == part]) for part in parts]
    return [chart | {"kind": "stacked"} for chart in _over_time("lifecycle", "members", series)]


def _over_time(key: str, unit: str, series: Sequence[tuple[str, Sequence[Reading]]]) -> list[dict[str, Any]]:
    """A chart of what was read, unless there is nothing of it. What comes later is as long as the first, by order."""
    known = [(name, readings) for name, readings in series if readings]
    if not known or not any(one.value for _, readings in known for one in readings):
        return []
    places = [one.starts_on.isoformat() for one in known[0][1]]
    values = [
        {
            "name": name,
            "title": _both(METRICS[name]) if name in METRICS else None,
            "values": _as_long(readings, len(places)),
        }
        for name, readings in known
    ]
    return [{"key": key, "kind": "line", "unit": unit, "places": places, "series": values}]


def _as_long(readings: Sequence[Reading], length: int) -> list[float | None]:
    values = [one.value for one in readings][:length]
    return values + [None] * (length - len(values))


async def _groups(reader: Reader) -> list[dict[str, Any]]:
    charts = []
    for key, code, group in GROUPS:
        now = [one for one in await reader.values(code, reader.days, None, group) if one.part is None]
        if not any(one.value is not None for one in now):
            continue
        now = sorted(now, key=lambda one: (-(one.n or 0), one.group or ""))[:MOST_GROUPS]
        then = {one.group: one.value for one in await reader.values(code, reader.before, None, group)}
        titles = (
            await queries.department_names(reader.session, [one.group for one in now if one.group])
            if group is Group.DEPARTMENT
            else {}
        )
        series = [{"name": "now", "title": None, "values": [one.value for one in now]}]
        if then:
            series.append({"name": "before", "title": None, "values": [then.get(one.group) for one in now]})
        charts.append(
            {
                "key": key,
                "kind": "bar",
                "unit": METRICS[code].unit,
                "places": [titles.get(one.group or "", one.group or "none") for one in now],
                "n": [one.n for one in now],
                "series": series,
            }
        )
    return charts


async def _funnels(reader: Reader) -> list[dict[str, Any]]:
    charts = []
    for code in FUNNELS:
        values = await reader.values(code, reader.days, None)
        steps = [{"name": one.part, "value": one.value} for one in values if one.part is not None and one.group is None]
        if any(step["value"] for step in steps):
            charts.append({"key": code, "kind": "funnel", "unit": "count", "steps": steps})
    return charts


async def _goals(reader: Reader, community: CommunityFacts) -> list[dict[str, Any]]:
    """Goals as they are now; of what is closed its result."""
    goals = []
    for goal in await queries.goals_of(reader.session, reader.report):
        now: dict[str, Any] = {"value": goal.value, "n": goal.n, "progress": goal.progress, "state": goal.state}
        if goal.status == "running":
            now = judged(
                course_of(goal, community), await measured(reader.session, goal, community, reader.now), reader.now
            )
        goals.append(
            {
                "title": goal.title,
                "unit": METRICS[goal.metric_code].unit if goal.metric_code in METRICS else "percent",
                "target": goal.target,
                "due_on": goal.due_on.isoformat(),
                **{name: now[name] for name in ("value", "n", "progress", "state")},
            }
        )
    return goals


async def _waiting(reader: Reader, time_zone: str) -> list[dict[str, Any]]:
    zone = zone_of(time_zone)
    return [
        {"code": code, "count": count, "oldest_on": oldest.astimezone(zone).date().isoformat() if oldest else None}
        for code, count, oldest in await queries.what_waits(reader.session, reader.report.community_id, reader.now)
        if count
    ]


def _both(metric: Metric) -> dict[str, str]:
    return {"zh": metric.title.zh, "en": metric.title.en}
