"""How many get how far: of steps in their order, each person once. Pure."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from datetime import datetime
from typing import TypeVar

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


def funnel(ways: Iterable[tuple[CellT, Way]], steps: int) -> dict[CellT, list[int]]:
    """How many reached each step, by cell. Who went several ways counts once at each step."""
    people: defaultdict[CellT, list[set[Hashable]]] = defaultdict(lambda: [set() for _ in range(steps)])
    for cell, (person, moments) in ways:
        for step in range(steps_reached(moments)):
            people[cell][step].add(person)
    return {cell: [len(some) for some in reached] for cell, reached in people.items()}
