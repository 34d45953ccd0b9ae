"""Colours, and what tells them apart for who sees none or prints in grey: dashes, marks and hatching.

The colours are Okabe and Ito's, which people with any kind of colour blindness tell apart.
"""

from dataclasses import dataclass
from typing import Final

from services.analytics.reports.drawing.elements import tag

INK: Final = "#1b1b1b"
MUTED: Final = "#595959"
GRID: Final = "#d9d9d9"
PAPER: Final = "#ffffff"


@dataclass(frozen=True)
class Look:
    """How one series looks. `marker` is drawn around a point; `hatch` fills a bar."""

    colour: str
    dash: str
    marker: str
    hatch: str


LOOKS: Final = (
    Look("#0072b2", "", "circle", ""),
    Look("#d55e00", "7 4", "square", "M-1 1 l2 -2 M0 8 l8 -8 M7 9 l2 -2"),
    Look("#009e73", "2 3", "triangle", "M0 4 H8"),
    Look("#a35186", "10 3 2 3", "diamond", "M4 0 V8"),
    Look("#8a6d00", "4 2 1 2 1 2", "cross", "M-1 7 l2 2 M0 0 l8 8 M7 -1 l2 2"),
    Look("#3a8fb7", "12 4", "ring", "M0 4 H8 M4 0 V8"),
)
"""More series than these are no picture any more."""


def marker(look: Look, x: float, y: float, size: float = 3.5) -> str:
    """The mark of a series at a point."""
    s = size
    if look.marker == "circle":
        return tag("circle", cx=x, cy=y, r=s, fill=look.colour)
    if look.marker == "ring":
        return tag("circle", cx=x, cy=y, r=s, fill=PAPER, stroke=look.colour, stroke_width=1.5)
    if look.marker == "square":
        return tag("rect", x=x - s, y=y - s, width=2 * s, height=2 * s, fill=look.colour)
    if look.marker == "cross":
        strokes = f"M{x - s:.1f} {y - s:.1f} L{x + s:.1f} {y + s:.1f} M{x - s:.1f} {y + s:.1f} L{x + s:.1f} {y - s:.1f}"
        return tag("path", d=strokes, stroke=look.colour, stroke_width=1.8)
    height = s * 1.3
    if look.marker == "triangle":
        corners = ((x, y - height), (x + height, y + s), (x - height, y + s))
    else:
        corners = ((x, y - height), (x + height, y), (x, y + height), (x - height, y))  # type: ignore[assignment]  # one more
    return tag("polygon", points=" ".join(f"{a:.1f},{b:.1f}" for a, b in corners), fill=look.colour)


def hatchings(key: str, count: int) -> str:
    """The fills of the first series, to be named by `filled`; `key` keeps those of several charts on a page apart."""
    patterns = [
        tag(
            "pattern",
            tag("rect", width=8, height=8, fill=look.colour),
            *([tag("path", d=look.hatch, stroke=PAPER, stroke_width=1.6, fill="none")] if look.hatch else []),
            id=f"{key}-fill-{index}",
            width=8,
            height=8,
            patternUnits="userSpaceOnUse",
        )
        for index, look in enumerate(LOOKS[:count])
    ]
    return tag("defs", *patterns)


def filled(key: str, index: int) -> str:
    """What a bar of this series is filled with."""
    return f"url(#{key}-fill-{index})"
