"""What a metric is, what may be asked of it, and what it answers."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.analytics.metrics.rules import Grain, Period

Unit = Literal["members", "deeds", "points", "hours", "seconds", "share", "ratio", "rating", "score"]
Kind = Literal["stock", "flow", "distinct", "ratio", "distribution", "funnel", "reported"]
"""What may be done with values: those of a flow may be added up; a stock is so at the end of a period; people of `distinct` count
once in each period, so that a month is less than the sum of its days; the others are made anew for each period."""


class Group(StrEnum):
    """What values may be broken down by. Department and job grade are those at the deed, cohort and channel the present ones."""

    DEPARTMENT = "department"
    JOB_GRADE = "job_grade"
    COHORT = "cohort"
    CHANNEL = "channel"
    KIND = "kind"
    TAG = "tag"


PEOPLE = frozenset({Group.DEPARTMENT, Group.JOB_GRADE, Group.COHORT, Group.CHANNEL})
"""What people may be broken down by."""


LONGEST = 1_100
"""Days: three years."""


@dataclass(frozen=True, slots=True)
class Said:
    """The same in both languages."""

    en: str
    zh: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to a metric: days of the community, both included; without a grain, one value for all of them.

    `working` asks for working time where a metric has it. Values that have not ended yet are as of `as_of`. `today` is the community's
    day of `now`; `read` puts it in.
    """

    community_id: UUID
    from_: date
    to: date
    now: datetime
    as_of: datetime
    grain: Grain | None = None
    group_by: Group | None = None
    staff: bool = False
    working: bool = False
    today: date = date.max


@dataclass(frozen=True, slots=True)
class Reading:
    """One value: of a period, of a breakdown value of it (`group`), of a step or percentile (`part`).

    `n` is how many it rests on: members or deeds below the line of a ratio, else the members behind it. `above` and `below` are
    the line's two sides: ratios are added by them, never averaged. `group` is None for what has no such value, as people without
    a department.
    """

    starts_on: date
    ends_on: date
    group: str | None
    value: float | None
    n: int | None
    part: str | None = None
    above: float | None = None
    below: float | None = None
    suppressed: bool = False


Compute = Callable[[AsyncSession, Asked, Sequence[Period]], Awaitable[list[Reading]]]
"""The values of periods that have begun. What it answers of a period depends on that period and what was before, unless the
metric is not `kept`."""


@dataclass(frozen=True)
class Metric:
    """A metric with its definition. Another way of counting is another `version`.

    `parts` are the steps or percentiles that each period has. What is `kept` stays as it is once its period is over, until
    something late touches a day of the period or one before. `ranges`: any days may be asked together, not whole periods alone.
    What is `protected` is made of what people answered: with `n` the people behind a value, small groups are hidden (`suppression`). It has
    whole months and quarters alone.
    """

    code: str
    version: int
    unit: Unit | str
    kind: Kind
    title: Said
    definition: Said
    compute: Compute = field(repr=False, compare=False)
    groups: frozenset[Group] = frozenset()
    grains: tuple[Grain, ...] = tuple(Grain)
    parts: tuple[str, ...] = ()
    lists: frozenset[str | None] = frozenset()
    """The parts that are no one value of a period, but one for each of what is found in it, named by `group`."""
    working: bool = False
    kept: bool = False
    ranges: bool = True
    protected: bool = False
    longest: int | None = None
    """How many days are read at once at most, of what is made of single things and not of what was added up by day."""
    staffed: bool = True
    """Whether staff may be counted, too."""
    reported_id: UUID | None = None
    source: str | None = None
    """Where the values of one that is reported come from."""

    def __post_init__(self) -> None:
        """Refuse what would tell of few people: any days, and with staff or without, may be subtracted."""
        if self.protected and (self.staffed or self.ranges or set(self.grains) - {Grain.MONTH, Grain.QUARTER}):
            raise ValueError(f"{self.code} is protected: it has whole months and quarters alone, and no staff apart")


def share(above: float, below: float) -> float | None:
    """A ratio; None of nobody."""
    return above / below if below else None


Cell = tuple[Period, str | None]
"""A period and a breakdown value of it."""


def cells(asked: Asked, periods: Sequence[Period], *found: Iterable[Cell]) -> list[Cell]:
    """What is answered for: each period, or of a breakdown what was found in any of it."""
    if asked.group_by is None:
        return [(period, None) for period in periods]
    every = {cell for some in found for cell in some}
    return sorted(every, key=lambda cell: (cell[0], cell[1] is None, cell[1] or ""))


def until_today(asked: Asked, periods: Sequence[Period]) -> list[Period]:
    """The days of each period that have come."""
    return [Period(one.starts_on, min(one.ends_on, asked.today)) for one in periods]


def amount(cell: Cell, value: float, n: int) -> Reading:
    """The reading of a flow, or of a number of members."""
    period, group = cell
    return Reading(period.starts_on, period.ends_on, group, value, n)


def ratio(cell: Cell, above: float, below: float, n: int) -> Reading:
    """The reading of a ratio."""
    period, group = cell
    return Reading(period.starts_on, period.ends_on, group, share(above, below), n, above=above, below=below)
