"""What the charts of a report show, read from metrics and retention; in no language."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from chassis.security.authority import CommunityFacts
from services.analytics.metrics.frame import Group, Reading
from services.analytics.metrics.names import group_names
from services.analytics.metrics.parts import unit_of
from services.analytics.metrics.reading import METRICS
from services.analytics.metrics.rules import Grain, Period, period_of, periods
from services.analytics.reports.reader import Reader, titles_of
from services.analytics.reports.rules import grain_of
from services.analytics.retention.keeping import counted
from services.analytics.retention.queries import Joined
from services.analytics.retention.rules import CohortGrain, Count, cells, default_first

LINES: Final = (("written", ("posts", "replies")), ("came_and_left", ("joined", "left")))
GROUPS: Final = (
    ("by_department", "activity_rate", Group.DEPARTMENT, None),
    ("by_kind", "satisfaction", Group.KIND, None),
    ("by_tag", "content_interest", Group.TAG, "reads"),
)
FUNNELS: Final = ("activity_funnel", "recruitment_funnel")
MOST_GROUPS: Final = 12
WEEKS_BACK: Final = 12
COHORTS: Final = 12


async def charts_of(reader: Reader, community: CommunityFacts) -> list[dict[str, Any]]:
    """All charts of which there is something to see."""
    return [
        *await _trend(reader),
        *await _lines(reader),
        *await _lifecycle(reader),
        *await _groups(reader),
        *await _funnels(reader),
        *await _retention(reader, community),
    ]


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
            "title": titles_of(METRICS[name]) if name in METRICS else None,
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
    for key, code, group, part in GROUPS:
        now = [one for one in await reader.values(code, reader.days, None, group) if one.part == part]
        if part is not None:
            now = [one for one in now if one.value]
        if not any(one.value is not None for one in now):
            continue
        now = sorted(now, key=lambda one: (-(one.n or 0), one.group or ""))[:MOST_GROUPS]
        past = await reader.values(code, reader.before, None, group)
        then = {one.group: one.value for one in past if one.part == part}
        titles = await group_names(reader.session, group, reader.report.community_id, {one.group for one in now})
        series = [{"name": "now", "title": None, "values": [one.value for one in now]}]
        if then:
            series.append({"name": "before", "title": None, "values": [then.get(one.group) for one in now]})
        charts.append(
            {
                "key": key,
                "kind": "bar",
                "unit": unit_of(METRICS[code], part),
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


async def _retention(reader: Reader, community: CommunityFacts) -> list[dict[str, Any]]:
    """Who joined in the last twelve months, or for a week in the last twelve weeks, and how many are active after so long.

    Only windows that are over: what may still rise is no figure of a report.
    """
    grain = CohortGrain.WEEK if reader.report.kind == "weekly" else CohortGrain.MONTH
    today = community.day_of(reader.now)
    last = min(reader.days.ends_on, today)
    first = default_first(last, grain, COHORTS)
    whole = Period(period_of(first, grain.grain).starts_on, period_of(last, grain.grain).ends_on)
    joined = Joined(reader.report.community_id, whole, grain, False)
    found = await counted(reader.session, (joined, Count.CALENDAR, COHORTS), today=today, now=reader.now)
    rows: list[dict[str, Any]] = []
    for period in periods(first, last, grain.grain):
        cohort = found.sizes.get(period.starts_on)
        if cohort is None or not cohort.size:
            continue
        active = found.active.get(period.starts_on, {})
        made = cells(period, cohort, active, grain=grain, count=Count.CALENDAR, width=COHORTS, today=today)
        shares = [cell.share if cell is not None and cell.complete else None for cell in made]
        rows.append({"name": period.starts_on.isoformat(), "size": cohort.size, "cells": shares})
    if not any(share is not None for row in rows for share in row["cells"]):
        return []
    return [{"key": f"retention_{grain.value}", "kind": "retention", "unit": "share", "cohorts": rows}]
