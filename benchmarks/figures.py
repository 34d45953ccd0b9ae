"""What a benchmark found: both sides, the ratio, and what was to be reached."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Literal, NoReturn


@dataclass(frozen=True)
class Figure:
    """One line of the table.

    `ours` and `other` are the two sides of one run, as text with their unit; `value` is the ratio between them (or a plain
    figure where there is no other side), which has to be at least or at most `to_reach`.
    """

    what: str
    ours: str
    other: str
    value: float
    to_reach: float
    at: Literal["least", "most"]
    unit: str = "×"

    @property
    def reached(self) -> bool:
        """Whether the figure is what was asked for."""
        return self.value >= self.to_reach if self.at == "least" else self.value <= self.to_reach

    def line(self) -> str:
        """The figure for a terminal."""
        sign = "≥" if self.at == "least" else "≤"
        word = "reached" if self.reached else "NOT reached"
        sides = self.ours + (f" / {self.other}" if self.other else "")
        return f"{self.what}: {sides} = {self.value:.2f} {self.unit}, to reach {sign} {self.to_reach:g}: {word}"


def figures_of(name: str) -> list[Figure]:
    """Run the benchmark of this name, in this process."""
    return list(import_module(f"benchmarks.{name}").run())


def end_with(figures: Sequence[Figure]) -> NoReturn:
    """Print what a benchmark found, and end its process: with 1 where a figure is not reached."""
    for figure in figures:
        print(figure.line())
    sys.exit(0 if all(figure.reached for figure in figures) else 1)
