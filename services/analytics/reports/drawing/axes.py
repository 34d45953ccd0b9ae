"""Scales, ticks, and the frame that charts share."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from chassis.locale import Locale
from services.analytics.reports.drawing.elements import FONT, fitted, label, tag, text, width_of
from services.analytics.reports.drawing.looks import GRID, INK, LOOKS, MUTED, filled, marker
from services.analytics.reports.drawing.numbers import shown
from services.analytics.reports.drawing.series import WIDTH, Drawing, Series

_NOTHING = 1e-9


@dataclass(frozen=True)
class Scale:
    """From values to places: `ticks` are round numbers from the lowest to the highest."""

    ticks: tuple[float, ...]
    start: float
    end: float

    def at(self, value: float) -> float:
        """The place of a value."""
        low, high = self.ticks[0], self.ticks[-1]
        return self.start + (value - low) / (high - low) * (self.end - self.start)


def scale(values: Sequence[float], start: float, end: float, *, whole: bool = False) -> Scale:
    """From zero to a round number above all values; below zero too where one is. `whole`: no tick between two whole numbers."""
    low, high = min([0.0, *values]), max([0.0, *values])
    if high - low < _NOTHING:
        high = low + 1.0
    rough = (high - low) / 4
    size = 10.0 ** floor(log10(rough))
    step = next(size * factor for factor in (1, 2, 2.5, 5, 10) if size * factor >= rough * 0.999)
    if whole:
        step = max(1.0, float(ceil(step)))
    first, last = floor(low / step), ceil(high / step - 1e-9)
    return Scale(tuple(step * index for index in range(first, max(last, first + 1) + 1)), start, end)


def grid(axis: Scale, left: float, right: float, unit: str, locale: Locale) -> str:
    """Lines across at each tick, with its value at the left."""
    parts = []
    for tick in axis.ticks:
        y = axis.at(tick)
        parts.append(tag("line", x1=left, x2=right, y1=y, y2=y, stroke=MUTED if tick == 0 else GRID, stroke_width=1))
        parts.append(label(left - 6, y, shown(tick, unit, locale), anchor="end", size=11, fill=MUTED))
    return "".join(parts)


def below(places: Sequence[tuple[float, str]], y: float) -> str:
    """The names of places under a chart: of many only so many as do not run into one another, always the last."""
    if not places:
        return ""
    widest = max(width_of(name, 11) for _, name in places) + 10
    room = places[-1][0] - places[0][0] if len(places) > 1 else 0.0
    every = max(1, ceil(widest * (len(places) - 1) / room)) if room > 0 else 1
    last = len(places) - 1
    return "".join(
        label(x, y, fitted(name, 120, 11), anchor="middle", size=11, fill=MUTED)
        for index, (x, name) in enumerate(places)
        if (last - index) % every == 0
    )


def legend(key: str, series: Sequence[Series], y: float, *, bars: bool = False) -> str:
    """What is what; nothing where there is only one."""
    if len(series) < 2:
        return ""
    room, x, parts = (WIDTH - 20) / len(series) - 36, 10.0, []
    for index, one in enumerate(series):
        look, name = LOOKS[index], fitted(one.name, room)
        if bars:
            parts.append(tag("rect", x=x, y=y - 6, width=18, height=12, fill=filled(key, index)))
        else:
            line: dict[str, str | float] = {"stroke_dasharray": look.dash} if look.dash else {}
            parts.append(tag("line", x1=x, x2=x + 24, y1=y, y2=y, stroke=look.colour, stroke_width=2, **line))
            parts.append(marker(look, x + 12, y))
        parts.append(label(x + 30, y, name))
        x += 30 + width_of(name) + 18
    return "".join(parts)


def framed(key: str, title: str, description: str, height: float, *parts: str) -> Drawing:
    """A chart of its parts, which screen readers read out by its title and description."""
    svg = tag(
        "svg",
        tag("title", text(title), id=f"{key}-title"),
        tag("desc", text(description), id=f"{key}-desc"),
        *parts,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {WIDTH} {height:g}",
        role="img",
        aria_labelledby=f"{key}-title {key}-desc",
        font_family=FONT,
        fill=INK,
    )
    return Drawing(svg, title, description)


def checked(series: Sequence[Series], places: int) -> None:
    """Raises ValueError where there are more series than looks, or one has not a value for each place."""
    if not 1 <= len(series) <= len(LOOKS):
        raise ValueError(f"a chart has 1 to {len(LOOKS)} series")
    if any(len(one.values) != places for one in series):
        raise ValueError("a series has a value for each place")
