"""What a report says, read from what the other features keep. The answer is JSON and in no language."""

from datetime import datetime
from typing import Any, Final

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.budget import check
from chassis.days import zone_of
from chassis.security.authority import CommunityFacts
from services.analytics.goals.measuring import course_of, judged, measured
from services.analytics.metrics.reading import METRICS
from services.analytics.reports import queries
from services.analytics.reports.charts import charts_of
from services.analytics.reports.models import Report
from services.analytics.reports.reader import Reader, titles_of
from services.analytics.reports.rules import Names

HEADLINES: Final = (
    "members", "joined", "left", "active_members", "activity_rate", "participation", "readers", "stickiness", "posts",
    "replies", "answered_share", "response_time", "checkin_rate", "satisfaction", "learning_hours", "contribution_gini",
    "kudos_density", "plan_completion", "points_issued", "points_spent", "points_liability",
)  # fmt: skip
"""In the order in which they are shown, as far as there are such metrics."""


async def gather(session: AsyncSession, report: Report, now: datetime, as_of: datetime) -> dict[str, Any]:
    """Everything that the report says; what people wrote is to go through `without_names` yet."""
    reader = Reader(session, report, now, as_of)
    community = await queries.community_of(session, report.community_id)
    return {
        "community": {"name": community.name, "time_zone": community.time_zone},
        "figures": await _figures(reader),
        "charts": await charts_of(reader, community),
        "goals": await _goals(reader, community),
        "insights": await queries.insights_of(session, report),
        "raised": await queries.raised_in(session, report),
        "waiting": await _waiting(reader, community.time_zone) if report.kind == "weekly" else None,
    }


def without_names(content: dict[str, Any], names: Names) -> dict[str, Any]:
    """The same, and nobody is named in what people wrote; the community keeps its own name. Slow among many members: for a thread."""
    for one in (*content["goals"], *content["insights"], *content["raised"]):
        for key in ("title", "change", "evidence zh", "evidence en", "suggestion zh", "suggestion en"):
            if one.get(key) is not None:
                check()
                one[key] = names.out_of(one[key])
    for chart in content["charts"]:
        if chart["key"] == "by_tag":
            check()
            chart["places"] = [names.out_of(tag) for tag in chart["places"]]
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
                    "title": titles_of(metric),
                    "part": one.part,
                    "value": one.value,
                    "n": one.n,
                    "suppressed": one.suppressed,
                    "before": old.value if old else None,
                    "before_n": old.n if old else None,
                }
            )
    return figures


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
                "unit": "percent" if goal.metric_code is None else goal.metric_unit or "",
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
