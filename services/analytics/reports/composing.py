"""What a report says, put into sections of one language. Pure: what is read stands in `gathering`."""

from collections.abc import Mapping, Sequence
from typing import Any

from chassis.locale import Locale
from services.analytics.metrics.reading import METRICS
from services.analytics.reports.drawing import (
    Column,
    Document,
    Drawing,
    Figure,
    Figures,
    Paragraph,
    Picture,
    Section,
    Series,
    Table,
    bar_chart,
    change,
    funnel_chart,
    line_chart,
    retention_chart,
    shown,
    stacked_chart,
)
from services.analytics.reports.titles import kind_said, of_both, said

_FIRST = 9
"""Figures that stand above the others."""
Content = Mapping[str, Any]


def compose(content: Content, locale: Locale) -> Document:
    """The report in a language. `content` as `gathering.gather` makes it, with its days and when it was made."""
    days = f"{content['from']} – {content['to']}"
    before = content["before"]
    compared = "" if before is None else f"{said('compared', locale)} {before['from']} – {before['to']}"
    sections = [
        Section(said("overview", locale), list(_figures(content, locale))),
        Section(said("charts", locale), _charts(content, locale)),
        Section(said("goals", locale), [_goals(content["goals"], locale)]),
        Section(
            said("insights", locale), [_insights(content["insights"], locale), *_raised(content["raised"], locale)]
        ),
    ]
    if content["waiting"] is not None:
        sections.append(Section(said("waiting", locale), [_waiting(content["waiting"], locale)]))
    return Document(
        title=f"{content['community']['name']} · {said(content['kind'], locale)}",
        subtitle=("，" if locale == "zh-CN" else ", ").join(part for part in (days, compared) if part),
        locale=locale,
        sections=[one for one in sections if one.blocks],
        foot=_foot(content, locale),
    )


def _foot(content: Content, locale: Locale) -> str:
    made, known, zone = content["made_at"], content["as_of"], content["community"]["time_zone"]
    if locale == "zh-CN":
        return f"生成于 {made}，数据截至 {known}（{zone}）"
    return f"Made {made}, of what was known by {known} ({zone})"


# --- figures -------------------------------------------------------------------------------------------------------


def _figures(content: Content, locale: Locale) -> Sequence[Any]:
    figures, compared = content["figures"], content["before"] is not None
    first = [
        Figure(_named(one, locale), _value(one, locale), *_beside(one, locale, compared=compared))
        for one in figures[:_FIRST]
    ]
    return [
        Figures(first),
        _table(figures, locale, compared=compared),
        Paragraph(said("staff_apart", locale), quiet=True),
    ]


def _named(one: Content, locale: Locale) -> str:
    title = of_both(one["title"], locale)
    if one["part"] is None:
        return title
    part = said(one["part"], locale)
    return f"{title}（{part}）" if locale == "zh-CN" else f"{title} ({part})"


def _value(one: Content, locale: Locale, key: str = "value") -> str:
    if key == "value" and one["suppressed"]:
        return said("too_few", locale)
    return shown(one[key], one["unit"], locale)


def _beside(one: Content, locale: Locale, *, compared: bool) -> tuple[str, str]:
    n = "" if one["n"] is None else f"n={one['n']:,}"
    if not compared:
        return "", n
    before = f"{said('before', locale)} {_value(one, locale, 'before')}"
    parts = [part for part in (before, n) if part]
    return change(one["value"], one["before"], one["unit"], locale), ("，" if locale == "zh-CN" else ", ").join(parts)


def _table(figures: Sequence[Content], locale: Locale, *, compared: bool) -> Table:
    columns = [
        Column(said("metric", locale), share=2.4),
        Column(said("now", locale), align="end"),
        Column(said("n", locale), align="end", share=0.8),
    ]
    rows = [[_named(one, locale), _value(one, locale), _count(one["n"])] for one in figures]
    if compared:
        columns += [
            Column(said("before", locale), align="end"),
            Column(said("n", locale), align="end", share=0.8),
            Column(said("change", locale), align="end"),
        ]
        for row, one in zip(rows, figures, strict=True):
            row += [
                _value(one, locale, "before"),
                _count(one["before_n"]),
                change(one["value"], one["before"], one["unit"], locale),
            ]
    return Table(columns, rows)


def _count(n: int | None) -> str:
    return shown(n, "count", "en")


# --- charts --------------------------------------------------------------------------------------------------------


def _charts(content: Content, locale: Locale) -> list[Any]:
    return [
        Picture(_drawn(f"c{place}", one, locale), _behind(one, locale)) for place, one in enumerate(content["charts"])
    ]


def _drawn(key: str, chart: Content, locale: Locale) -> Drawing:
    title = said(chart["key"], locale)
    if chart["kind"] == "retention":
        cohorts = [(one["name"], one["size"], one["cells"]) for one in chart["cohorts"]]
        return retention_chart(key, title, cohorts, locale=locale)
    if chart["kind"] == "funnel":
        steps = [(said(one["name"], locale), one["value"]) for one in chart["steps"]]
        return funnel_chart(key, title, steps, locale=locale)
    series = [Series(_series_name(one, locale), one["values"]) for one in chart["series"]]
    draw = {"line": line_chart, "stacked": stacked_chart, "bar": bar_chart}[chart["kind"]]
    return draw(key, title, _places(chart, locale), series, unit=chart["unit"], locale=locale)


def _series_name(one: Content, locale: Locale) -> str:
    return of_both(one["title"], locale) if one["title"] is not None else said(one["name"], locale)


def _places(chart: Content, locale: Locale) -> list[str]:
    if chart["kind"] == "bar":
        named = kind_said if chart["key"] == "by_kind" else _as_it_is
        return [said(one, locale) if one == "none" else named(one, locale) for one in chart["places"]]
    years = {one[:4] for one in chart["places"]}
    return [one[5:] if len(years) == 1 else one for one in chart["places"]]


def _as_it_is(place: str, _locale: Locale) -> str:
    return place


def _behind(chart: Content, locale: Locale) -> Table | None:
    """The figures of a chart, for who cannot or need not look at it; one that is a table already has none."""
    if chart["kind"] == "retention":
        return None
    if chart["kind"] == "funnel":
        rows = [[said(one["name"], locale), shown(one["value"], "count", locale)] for one in chart["steps"]]
        return Table([Column(said("metric", locale)), Column(said("value", locale), align="end")], rows)
    columns = [Column(said("period", locale))] + [
        Column(_series_name(one, locale), align="end") for one in chart["series"]
    ]
    values = [[shown(value, chart["unit"], locale) for value in one["values"]] for one in chart["series"]]
    rows = [[place, *cells] for place, *cells in zip(_full(chart, locale), *values, strict=True)]
    if "n" in chart:
        columns.append(Column(said("n", locale), align="end"))
        rows = [[*row, _count(n)] for row, n in zip(rows, chart["n"], strict=True)]
    return Table(columns, rows)


def _full(chart: Content, locale: Locale) -> list[str]:
    return _places(chart, locale) if chart["kind"] == "bar" else list(chart["places"])


# --- goals, insights, what waits -----------------------------------------------------------------------------------


def _goals(goals: Sequence[Content], locale: Locale) -> Any:
    if not goals:
        return Paragraph(said("no_goals", locale), quiet=True)
    columns = [
        Column(said("goal", locale), share=2.4),
        Column(said("state", locale), share=0.8),
        Column(said("progress", locale), align="end", share=0.8),
        Column(said("now", locale), align="end"),
        Column(said("target", locale), align="end"),
        Column(said("due", locale), align="end"),
    ]
    rows = [
        [
            one["title"],
            said(one["state"], locale),
            shown(one["progress"], "share", locale),
            shown(one["value"], one["unit"], locale),
            shown(one["target"], one["unit"], locale),
            one["due_on"],
        ]
        for one in goals
    ]
    return Table(columns, rows)


def _insights(insights: Sequence[Content], locale: Locale) -> Any:
    if not insights:
        return Paragraph(said("no_insights", locale), quiet=True)
    columns = [
        Column(said("insight", locale), share=1.2),
        Column(said("action", locale), share=2.2),
        Column(said("since", locale), share=0.9),
        Column(said("state", locale), share=0.8),
        Column(said("effect", locale), share=1.6),
    ]
    rows = [
        [
            said(f"insight {one['code']}", locale),
            one["change"] or "",
            one["changed_on"] or "",
            said(one["status"], locale),
            _effect(one, locale),
        ]
        for one in insights
    ]
    return Table(columns, rows)


def _effect(one: Content, locale: Locale) -> str:
    """What came of it: the value before and after, each with what it rests on."""
    effect = one["effect"]
    if effect is None or effect["metric"] not in METRICS:
        return said("not_yet", locale)
    metric = METRICS[effect["metric"]]
    title = metric.title.zh if locale == "zh-CN" else metric.title.en
    before, after = (
        f"{shown(effect[side]['value'], effect['unit'], locale)} (n={_count(effect[side]['n'])})"
        for side in ("before", "after")
    )
    return f"{title}: {before} → {after}, {said(effect['verdict'], locale)}"


def _raised(raised: Sequence[Content], locale: Locale) -> list[Any]:
    if not raised:
        return []
    columns = [
        Column(said("seen", locale), share=2.4),
        Column(said("suggested", locale), share=2),
        Column(said("severity", locale), share=0.6),
        Column(said("state", locale), share=0.8),
    ]
    language = "zh" if locale == "zh-CN" else "en"
    rows = [
        [
            one[f"evidence {language}"],
            one[f"suggestion {language}"] or "",
            said(one["severity"], locale),
            said("insight new" if one["status"] == "new" else one["status"], locale),
        ]
        for one in raised
    ]
    return [Table(columns, rows, title=said("raised", locale))]


def _waiting(waiting: Sequence[Content], locale: Locale) -> Any:
    if not waiting:
        return Paragraph(said("nothing_waits", locale), quiet=True)
    columns = [
        Column(said("queue", locale), share=2),
        Column(said("count", locale), align="end"),
        Column(said("oldest", locale), align="end"),
    ]
    rows = [[said(one["code"], locale), _count(one["count"]), one["oldest_on"] or ""] for one in waiting]
    return Table(columns, rows)
