"""The ladder: which level xp gives, when a rung was crossed, and how a level is lost."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

GRACE = timedelta(days=30)
"""How long xp may stay below the keeping mark before the level is lost, counted from when that was recorded."""

KEEPING_PERCENT = 90
"""A level is kept while xp is at least this share of what its rung asks."""


@dataclass(frozen=True, slots=True)
class Rung:
    """A step of a ladder; `position` counts from 0, `xp` is what it asks.

    One that is `decided` is nobody's by xp alone: somebody decides who of those that have the xp is given it.
    """

    code: str
    position: int
    xp: int
    en: str
    zh: str
    decided: bool = False


DEFAULT_LADDER: tuple[Rung, ...] = (
    Rung("sprout", 0, 0, "Sprout", "新芽"),
    Rung("learner", 1, 100, "Learner", "学员"),
    Rung("backbone", 2, 500, "Backbone", "骨干"),
    Rung("expert", 3, 1500, "Expert", "达人"),
    Rung("mentor", 4, 4000, "Mentor", "导师", decided=True),
    Rung("pilot", 5, 10000, "Pilot", "领航", decided=True),
)


def reached(ladder: Sequence[Rung], xp: int) -> int:
    """The position of the highest rung that the xp alone reaches; the first one is everybody's."""
    position = 0
    for rung in ladder:
        if xp >= rung.xp and not rung.decided:
            position = rung.position
    return position


def keeps(rung: Rung, xp: int) -> bool:
    """Whether the xp keeps a level once reached."""
    return xp * 100 >= rung.xp * KEEPING_PERCENT


@dataclass(frozen=True, slots=True)
class Held:
    """The level recorded of a member: `since` is when its rung was crossed, `below_since` when falling short was recorded."""

    position: int = 0
    since: datetime | None = None
    below_since: datetime | None = None


def level_at(ladder: Sequence[Rung], held: Held, xp: int, now: datetime) -> int:
    """The level by the clock: one whose grace is over is lost even when nothing recorded it yet."""
    if held.below_since is not None and now >= held.below_since + GRACE:
        return reached(ladder, xp)
    return held.position


@dataclass(frozen=True, slots=True)
class Crossing:
    """A rung crossed, and by the entry of which moment."""

    rung: Rung
    at: datetime


def crossings(ladder: Sequence[Rung], entries: Iterable[tuple[datetime, int]]) -> Iterator[Crossing]:
    """When each rung was first crossed, by xp entries in any order; entries of one moment count together.

    An entry and its reversal carry the same moment, so what was taken back crosses nothing.
    """
    by_moment: dict[datetime, int] = {}
    for at, amount in entries:
        by_moment[at] = by_moment.get(at, 0) + amount
    total, above = 0, 0
    for at in sorted(by_moment):
        total += by_moment[at]
        position = reached(ladder, total)
        while above < position:
            above += 1
            yield Crossing(ladder[above], at)


@dataclass(frozen=True, slots=True)
class Change:
    """What new xp does to a level, beside `held`: climbs need the entries to tell their moments."""

    climbs_to: int | None
    starts_grace: bool
    ends_grace: bool


def consider(ladder: Sequence[Rung], held: Held, xp: int) -> Change:
    """What becomes of a held level at this xp: up at once, down only through the grace."""
    position = reached(ladder, xp)
    keeping = position >= held.position or keeps(ladder[held.position], xp)
    return Change(
        climbs_to=position if position > held.position else None,
        starts_grace=not keeping and held.below_since is None,
        ends_grace=keeping and held.below_since is not None,
    )
