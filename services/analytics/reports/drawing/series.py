"""What charts are made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

WIDTH: Final = 720
"""Of every chart, in its own units; it is scaled to the page."""


@dataclass(frozen=True)
class Series:
    """Values by place. None is what nobody knows, and drawn as a gap: it is no zero."""

    name: str
    values: Sequence[float | None]


@dataclass(frozen=True)
class Drawing:
    """A chart as SVG. `description` says what it shows to who does not see it."""

    svg: str
    title: str
    description: str


def numbers(series: Sequence[Series]) -> list[float]:
    """All values that are known."""
    return [value for one in series for value in one.values if value is not None]
