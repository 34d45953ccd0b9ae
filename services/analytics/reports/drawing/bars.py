"""Bars: one for each thing, or parts of a whole over time."""

from collections.abc import Sequence

from chassis.locale import Locale
from services.analytics.reports.drawing.axes import Scale, below, checked, framed, grid, legend, scale
from services.analytics.reports.drawing.elements import fitted, label, tag, width_of
from services.analytics.reports.drawing.looks import MUTED, filled, hatchings
from services.analytics.reports.drawing.numbers import COUNTED, NOTHING, shown
from services.analytics.reports.drawing.series import WIDTH, Drawing, Series, numbers

MOST_BARS = 40
_NAMES = 190


def bar_chart(
    key: str, title: str, names: Sequence[str], series: Sequence[Series], *, unit: str, locale: Locale
) -> Drawing:
    """Lying bars with their values, one below the other in the given order; several series stand together. At most 40 things."""
    checked(series, len(names))
    if len(names) > MOST_BARS:
        raise ValueError("too many bars")
    thick = 16.0 if len(series) == 1 else 12.0
    row = thick * len(series) + 10
    top = 34 if len(series) > 1 else 10
    values = numbers(series)
    widest = max([width_of(shown(value, unit, locale)) for value in values], default=0.0)
    axis = scale(values, _NAMES, WIDTH - widest - 14)
    parts = []
    for place, name in enumerate(names):
        y = top + place * row
        parts.append(label(_NAMES - 8, y + thick * len(series) / 2, fitted(name, _NAMES - 16), anchor="end"))
        for index, one in enumerate(series):
            parts.append(_bar(key, index, one.values[place], axis, y + index * thick, thick, unit, locale))
    height = top + row * len(names) + 6
    edge = tag("line", x1=axis.at(0), x2=axis.at(0), y1=top - 4, y2=height - 6, stroke=MUTED, stroke_width=1)
    return framed(
        key,
        title,
        _told(names, series, unit, locale),
        height,
        hatchings(key, len(series)),
        legend(key, series, 14, bars=True),
        edge,
        *parts,
    )


def _bar(
    key: str, index: int, value: float | None, axis: Scale, y: float, thick: float, unit: str, locale: Locale
) -> str:
    zero = axis.at(0)
    if value is None:
        return label(zero + 6, y + thick / 2, NOTHING, fill=MUTED)
    end = axis.at(value)
    bar = tag("rect", x=min(zero, end), y=y, width=max(0.5, abs(end - zero)), height=thick - 2, fill=filled(key, index))
    return bar + label(max(end, zero) + 6, y + thick / 2 - 1, shown(value, unit, locale))


def stacked_chart(
    key: str, title: str, places: Sequence[str], series: Sequence[Series], *, unit: str, locale: Locale
) -> Drawing:
    """Standing bars over time, the series one on another; what is not known has no part. No value is negative."""
    checked(series, len(places))
    if any(value < 0 for value in numbers(series)):
        raise ValueError("parts of a whole are not negative")
    totals = [sum(one.values[index] or 0 for one in series) for index in range(len(places))]
    height = 280
    axis = scale(totals, height - 36, 40, whole=unit in COUNTED)
    left = 16 + max(width_of(shown(tick, unit, locale), 11) for tick in axis.ticks)
    step = (WIDTH - 12 - left) / max(1, len(places))
    wide = min(64.0, step * 0.72)
    parts, middles = [], []
    for index, name in enumerate(places):
        x, under = left + step * (index + 0.5), 0.0
        middles.append((x, name))
        for order, one in enumerate(series):
            value = one.values[index] or 0
            if value > 0:
                y = axis.at(under + value)
                parts.append(
                    tag(
                        "rect",
                        x=x - wide / 2,
                        y=y,
                        width=wide,
                        height=axis.at(under) - y,
                        fill=filled(key, order),
                        stroke="#ffffff",
                        stroke_width=0.8,
                    )
                )
            under += value
        if wide >= 22 and under > 0:
            parts.append(label(x, axis.at(under) - 9, shown(under, unit, locale), anchor="middle", size=11))
    return framed(
        key,
        title,
        _told(places, series, unit, locale),
        height,
        hatchings(key, len(series)),
        legend(key, series, 16, bars=True),
        grid(axis, left, WIDTH - 12, unit, locale),
        below(middles, height - 16),
        *parts,
    )


def _told(names: Sequence[str], series: Sequence[Series], unit: str, locale: Locale) -> str:
    def of(one: Series) -> str:
        pairs = [(value, name) for value, name in zip(one.values, names, strict=True) if value is not None]
        if not pairs:
            return f"{one.name}: {NOTHING}" if locale == "en" else f"{one.name}：暂无数据"
        (most, best), (least, worst) = max(pairs, key=lambda pair: pair[0]), min(pairs, key=lambda pair: pair[0])
        if locale == "en":
            return f"{one.name}: most {best} {shown(most, unit, locale)}, least {worst} {shown(least, unit, locale)}"
        return f"{one.name}：最多为{best} {shown(most, unit, locale)}，最少为{worst} {shown(least, unit, locale)}"

    if locale == "en":
        return f"Bars, {len(names)} of them. " + "; ".join(of(one) for one in series) + "."
    return f"柱状图，共 {len(names)} 项。" + "；".join(of(one) for one in series) + "。"
