"""Funnels: how many went on from step to step."""

from collections.abc import Sequence

from chassis.locale import Locale
from services.analytics.reports.drawing.axes import framed
from services.analytics.reports.drawing.elements import fitted, label, tag
from services.analytics.reports.drawing.looks import GRID, INK, LOOKS, MUTED
from services.analytics.reports.drawing.numbers import NOTHING, plain, shown
from services.analytics.reports.drawing.series import WIDTH, Drawing

_ROW = 46
_NAMES = 150
_RIGHT = 190


def funnel_chart(key: str, title: str, steps: Sequence[tuple[str, float | None]], *, locale: Locale) -> Drawing:
    """Steps with how many came so far; beside each the share of the first step and of the one before."""
    if not steps:
        raise ValueError("a funnel has steps")
    most = max([value for _, value in steps if value is not None], default=0.0) or 1.0
    room = WIDTH - _NAMES - _RIGHT
    middle = _NAMES + room / 2
    parts = []
    for index, (name, value) in enumerate(steps):
        y = 8 + index * _ROW
        wide = room * (value or 0) / most
        if index + 1 < len(steps):
            following = room * (steps[index + 1][1] or 0) / most
            corners = (
                (middle - wide / 2, y + 30),
                (middle + wide / 2, y + 30),
                (middle + following / 2, y + _ROW),
                (middle - following / 2, y + _ROW),
            )
            parts.append(tag("polygon", points=" ".join(f"{a:.1f},{b:.1f}" for a, b in corners), fill=GRID))
        parts.append(tag("rect", x=middle - wide / 2, y=y, width=max(wide, 1), height=30, fill=LOOKS[0].colour, rx=2))
        words = shown(value, "count", locale)
        inside = wide > len(words) * 9 + 10
        parts.append(
            label(
                middle if inside else middle + wide / 2 + 6,
                y + 15,
                words,
                anchor="middle" if inside else "start",
                fill="#ffffff" if inside else INK,
                bold=True,
                size=13,
            )
        )
        parts.append(label(_NAMES - 10, y + 15, fitted(name, _NAMES - 16), anchor="end"))
        if index:
            parts.append(label(WIDTH - _RIGHT + 14, y + 15, _shares(steps, index, locale), size=11, fill=MUTED))
    return framed(key, title, _told(steps, locale), 8 + len(steps) * _ROW, *parts)


def _share(part: float | None, whole: float | None) -> str:
    return NOTHING if part is None or not whole else f"{plain(part / whole * 100, 1)}%"


def _shares(steps: Sequence[tuple[str, float | None]], index: int, locale: Locale) -> str:
    of_first, of_last = _share(steps[index][1], steps[0][1]), _share(steps[index][1], steps[index - 1][1])
    if index == 1:
        return f"{of_first} of the first" if locale == "en" else f"占首步 {of_first}"
    if locale == "en":
        return f"{of_first} of the first, {of_last} of the last"
    return f"占首步 {of_first}，占上一步 {of_last}"


def _told(steps: Sequence[tuple[str, float | None]], locale: Locale) -> str:
    words = [f"{name} {shown(value, 'count', locale)}" for name, value in steps]
    return f"Steps: {', '.join(words)}." if locale == "en" else f"漏斗：{'，'.join(words)}。"
