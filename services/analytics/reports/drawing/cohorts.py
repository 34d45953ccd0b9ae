"""Retention: of those who came together, how many are still there."""

from collections.abc import Sequence

from chassis.locale import Locale
from services.analytics.reports.drawing.axes import framed
from services.analytics.reports.drawing.elements import fitted, label, tag
from services.analytics.reports.drawing.looks import INK, MUTED
from services.analytics.reports.drawing.numbers import plain
from services.analytics.reports.drawing.series import WIDTH, Drawing

MOST_COHORTS = 60
MOST_PERIODS = 26
_NAMES = 150
_ROW = 24
_DARKEST = (0, 90, 142)


def retention_chart(
    key: str, title: str, cohorts: Sequence[tuple[str, int, Sequence[float | None]]], *, locale: Locale
) -> Drawing:
    """A row for each cohort: its name, its size, and the share still there after 0, 1, 2 … periods.

    None is what has not come yet, and stays empty: the share says itself, the shade only helps to look.
    """
    periods = max((len(cells) for _, _, cells in cohorts), default=0)
    if len(cohorts) > MOST_COHORTS or periods > MOST_PERIODS:
        raise ValueError("too many cohorts or periods")
    wide = (WIDTH - _NAMES - 4) / max(1, periods)
    size = 11.0 if wide >= 42 else 9.0 if wide >= 30 else 7.5
    parts = [
        label(_NAMES + wide * (index + 0.5), 12, str(index), anchor="middle", size=11, fill=MUTED)
        for index in range(periods)
    ]
    for row, (name, members, cells) in enumerate(cohorts):
        y = 24 + row * _ROW
        people = f"{members:,}" + ("人" if locale == "zh-CN" else "")
        parts.append(label(4, y + _ROW / 2, fitted(name, 84), size=11))
        parts.append(label(_NAMES - 8, y + _ROW / 2, people, anchor="end", size=11, fill=MUTED))
        for index, share in enumerate(cells):
            if share is not None:
                parts.append(_cell(_NAMES + wide * index, y, wide, share, size))
    return framed(key, title, _told(cohorts, periods, locale), 28 + _ROW * len(cohorts), *parts)


def _cell(x: float, y: float, wide: float, share: float, size: float) -> str:
    strength = min(1.0, max(0.0, share))
    red, green, blue = (round(255 - (255 - part) * strength) for part in _DARKEST)
    box = tag(
        "rect",
        x=x + 1,
        y=y + 1,
        width=wide - 2,
        height=_ROW - 2,
        fill=f"#{red:02x}{green:02x}{blue:02x}",
        stroke="#bbb",
    )
    words = f"{plain(share * 100, 0)}%"
    return box + label(
        x + wide / 2, y + _ROW / 2, words, anchor="middle", size=size, fill="#ffffff" if strength > 0.5 else INK
    )


def _told(cohorts: Sequence[tuple[str, int, Sequence[float | None]]], periods: int, locale: Locale) -> str:
    def of(name: str, members: int, cells: Sequence[float | None]) -> str:
        known = [(index, share) for index, share in enumerate(cells) if share is not None]
        if not known:
            return name
        index, share = known[-1]
        if locale == "en":
            return f"{name}: {plain(share * 100, 0)}% of {members} after {index}"
        return f"{name}：{members} 人，第 {index} 期留存 {plain(share * 100, 0)}%"

    said = [of(*cohort) for cohort in cohorts]
    if locale == "en":
        return f"Retention of {len(cohorts)} cohorts over {periods} periods. " + "; ".join(said) + "."
    return f"留存表，{len(cohorts)} 个批次，{periods} 期。" + "；".join(said) + "。"
