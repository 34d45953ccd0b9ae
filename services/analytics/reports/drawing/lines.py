"""Lines over time."""

from collections.abc import Iterator, Sequence

from chassis.locale import Locale
from services.analytics.reports.drawing.axes import below, checked, framed, grid, legend, scale
from services.analytics.reports.drawing.elements import label, tag, width_of
from services.analytics.reports.drawing.looks import LOOKS, Look, marker
from services.analytics.reports.drawing.numbers import COUNTED, NOTHING, shown
from services.analytics.reports.drawing.series import WIDTH, Drawing, Series, numbers

_HEIGHT = 280
_MOST_MARKS = 40


def line_chart(
    key: str, title: str, places: Sequence[str], series: Sequence[Series], *, unit: str, locale: Locale
) -> Drawing:
    """One line for each series over the same places, in time's order. `key` is unique on its page."""
    checked(series, len(places))
    counted = unit in COUNTED
    axis = scale(numbers(series), _HEIGHT - 36, 40, whole=counted)
    left = 16 + max(width_of(shown(tick, unit, locale), 11) for tick in axis.ticks)
    right = WIDTH - 16 - max(width_of(shown(_last(one), unit, locale)) for one in series)
    step = (right - left - 16) / max(1, len(places) - 1)
    across = [left + 8 + step * index for index in range(len(places))]
    drawn = [
        _line(look, [(x, axis.at(v)) if v is not None else None for x, v in zip(across, one.values, strict=True)])
        for look, one in zip(LOOKS, series, strict=False)
    ]
    ends = [(axis.at(last), shown(last, unit, locale)) for one in series if (last := _last(one)) is not None]
    return framed(
        key,
        title,
        _told(title, places, series, unit, locale),
        _HEIGHT,
        legend(key, series, 16),
        grid(axis, left, right, unit, locale),
        below(list(zip(across, places, strict=True)), _HEIGHT - 16),
        *drawn,
        *(label(right + 6, y, words, bold=True) for y, words in _apart(ends)),
    )


def _line(look: Look, points: Sequence[tuple[float, float] | None]) -> str:
    dash: dict[str, str | float] = {"stroke_dasharray": look.dash} if look.dash else {}
    runs = list(_runs(points))
    lines = [
        tag(
            "polyline",
            points=" ".join(f"{x:.1f},{y:.1f}" for x, y in run),
            fill="none",
            stroke=look.colour,
            stroke_width=2.2,
            **dash,
        )
        for run in runs
        if len(run) > 1
    ]
    known = [point for run in runs for point in run]
    # Of a long line the single points are too close for marks; those between two gaps have nothing else.
    marked = known if len(known) <= _MOST_MARKS else [run[0] for run in runs if len(run) == 1]
    return "".join([*lines, *(marker(look, x, y, 3) for x, y in marked)])


def _runs(points: Sequence[tuple[float, float] | None]) -> Iterator[list[tuple[float, float]]]:
    run: list[tuple[float, float]] = []
    for point in [*points, None]:
        if point is not None:
            run.append(point)
        elif run:
            yield run
            run = []


def _apart(ends: Sequence[tuple[float, str]], least: float = 15) -> list[tuple[float, str]]:
    """Labels one below the other, each as near to its place as there is room."""
    placed: list[tuple[float, str]] = []
    for y, words in sorted(ends):
        placed.append((max(y, placed[-1][0] + least) if placed else y, words))
    return placed


def _last(one: Series) -> float | None:
    return next((value for value in reversed(one.values) if value is not None), None)


def _told(title: str, places: Sequence[str], series: Sequence[Series], unit: str, locale: Locale) -> str:
    def of(one: Series) -> str:
        known = numbers([one])
        if not known:
            return f"{one.name}: {NOTHING}" if locale == "en" else f"{one.name}：暂无数据"
        least, most, last = (shown(value, unit, locale) for value in (min(known), max(known), known[-1]))
        if locale == "en":
            return f"{one.name}: from {least} to {most}, last {last}"
        return f"{one.name}：最低 {least}，最高 {most}，最近 {last}"

    span = f"{places[0]} – {places[-1]}" if places else NOTHING
    if locale == "en":
        return f"Lines, {span}. " + "; ".join(of(one) for one in series) + "."
    return f"折线图，{span}。" + "；".join(of(one) for one in series) + "。"
