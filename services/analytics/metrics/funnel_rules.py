"""How many get how far: of steps in their order, each person once. Pure."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from datetime import datetime
from typing import Generic, TypeVar

CellT = TypeVar("CellT", bound=Hashable)

Way = tuple[Hashable, Sequence[datetime | None]]
"""Somebody, and when they came to each step along one way (one activity, one application); None: not yet, or never."""


def steps_reached(moments: Sequence[datetime | None]) -> int:
    """How many steps were reached one after the other, from the first on; what happened at one moment happened in the order of the steps."""
    reached = 0
    latest: datetime | None = None
    for moment in moments:
        if moment is None or (latest is not None and moment < latest):
            break
        reached, latest = reached + 1, moment
    return reached


class Funnel(Generic[CellT]):
    """How many reached each step, by cell: ways are taken some at a time. Who went several ways counts once at each step."""

    def __init__(self, steps: int) -> None:
        self._people: defaultdict[CellT, list[set[Hashable]]] = defaultdict(lambda: [set() for _ in range(steps)])

    def take(self, ways: Iterable[tuple[CellT, Way]]) -> None:
        """Count these ways, too."""
        for cell, (person, moments) in ways:
            for step in range(steps_reached(moments)):
                self._people[cell][step].add(person)

    def reached(self) -> dict[CellT, list[int]]:
        """What it comes to so far."""
        return {cell: [len(some) for some in steps] for cell, steps in self._people.items()}


def funnel(ways: Iterable[tuple[CellT, Way]], steps: int) -> dict[CellT, list[int]]:
    """The same of all ways at once."""
    counted: Funnel[CellT] = Funnel(steps)
    counted.take(ways)
    return counted.reached()
