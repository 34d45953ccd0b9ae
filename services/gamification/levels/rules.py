"""The ladder: which level xp and conditions give, when a rung was crossed, and how a level is lost."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from chassis.locale import Locale
from services.gamification.badges.rules import Counter, Criterion

GRACE = timedelta(days=30)
"""How long xp may stay below the keeping mark before the level is lost, counted from when that was recorded."""

KEEPING_PERCENT = 90
"""A level is kept while xp is at least this share of what its rung asks."""


@dataclass(frozen=True, slots=True)
class Rung:
    """A step of a ladder; `position` counts from 0, `xp` is what it asks, beside its conditions.

    One that is `decided` is nobody's by itself: somebody decides who of those that fulfil it is given it. `perks` are the roles that
    it grants to who holds it or a higher one.
    """

    code: str
    position: int
    xp: int
    en: str
    zh: str
    decided: bool = False
    tenure_days: int = 0
    no_live_penalty: bool = False
    perks: tuple[str, ...] = ()
    badges: tuple[str, ...] = ()
    counts: tuple[Criterion, ...] = ()

    def name(self, locale: Locale) -> str:
        """What it is called in the reader's language."""
        return self.zh if locale == "zh-CN" else self.en

    @property
    def asks_more(self) -> bool:
        """Whether it asks anything beside xp, other than a decision."""
        return bool(self.tenure_days or self.no_live_penalty or self.badges or self.counts)

    @property
    def by_xp(self) -> bool:
        """Whether xp alone reaches it."""
        return not self.decided and not self.asks_more


DEFAULT_LADDER: tuple[Rung, ...] = (
    Rung("sprout", 0, 0, "Sprout", "新芽"),
    Rung("learner", 1, 100, "Learner", "学员"),
    Rung("backbone", 2, 500, "Backbone", "骨干"),
    Rung("expert", 3, 1500, "Expert", "达人"),
    Rung("mentor", 4, 4000, "Mentor", "导师", decided=True, no_live_penalty=True, perks=("mentor",)),
    Rung("pilot", 5, 10000, "Pilot", "领航", decided=True, no_live_penalty=True, perks=("lecturer",)),
)


def reached(ladder: Sequence[Rung], xp: int) -> int:
    """The position up to which xp alone leads; the first one is everybody's."""
    return climb(ladder, 0, xp, lambda rung: not rung.asks_more)


def climb(ladder: Sequence[Rung], position: int, xp: int, fulfils: Callable[[Rung], bool]) -> int:
    """How far up somebody comes from a position by themselves: no rung is passed over that they do not reach."""
    for rung in ladder[position + 1 :]:
        if rung.decided or xp < rung.xp or not fulfils(rung):
            break
        position = rung.position
    return position


def fallen(ladder: Sequence[Rung], position: int, xp: int) -> int:
    """Where somebody lands who loses a level: the highest one below that the xp still reaches, given or not."""
    while position > 0 and xp < ladder[position].xp:
        position -= 1
    return position


def keeps(rung: Rung, xp: int) -> bool:
    """Whether the xp keeps a level once reached."""
    return xp * 100 >= rung.xp * KEEPING_PERCENT


def translated(before: Sequence[Rung], after: Sequence[Rung], position: int) -> int:
    """A position of one ladder on another: of the same code, or of the highest one below that is still there."""
    known = {rung.code: rung.position for rung in after}
    below = before[: position + 1]
    return next((known[rung.code] for rung in reversed(below) if rung.code in known), 0)


def roles_at(ladder: Sequence[Rung], position: int) -> tuple[str, ...]:
    """The roles that a level and those below it grant."""
    return tuple(sorted({role for rung in ladder[: position + 1] for role in rung.perks}))


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a member beside xp. `penalty_until` is the end of a live penalty, if it has one."""

    joined_at: datetime | None = None
    penalised: bool = False
    penalty_until: datetime | None = None
    badges: Collection[str] = ()
    counts: Mapping[Counter, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Lack:
    """Something that a rung asks and a member does not have; `at` is when time alone will mend it."""

    kind: str
    required: int
    current: int
    at: datetime | None = None
    code: str | None = None


def lacks(rung: Rung, facts: Facts, now: datetime) -> list[Lack]:
    """What a member lacks for a rung beside xp and a decision."""
    found: list[Lack] = []
    if rung.tenure_days:
        days = max((now - facts.joined_at).days, 0) if facts.joined_at else 0
        if days < rung.tenure_days:
            due = facts.joined_at + timedelta(days=rung.tenure_days) if facts.joined_at else None
            found.append(Lack("tenure", rung.tenure_days, days, due))
    if rung.no_live_penalty and facts.penalised:
        found.append(Lack("penalty", 0, 1, facts.penalty_until))
    found += [Lack("badge", 1, 0, code=code) for code in rung.badges if code not in facts.badges]
    for criterion in rung.counts:
        counter, current = criterion.counter, facts.counts.get(criterion.counter, 0)
        if current < criterion.at_least:
            found.append(Lack("count", criterion.at_least, current, code=counter.trigger or counter.name))
    return found


@dataclass(frozen=True, slots=True)
class Held:
    """The level recorded of a member: `since` is when its rung was crossed, `below_since` when falling short was recorded."""

    position: int = 0
    since: datetime | None = None
    below_since: datetime | None = None


def level_at(ladder: Sequence[Rung], held: Held, xp: int, now: datetime) -> int:
    """The level by the clock: one whose grace is over is lost even when nothing recorded it yet."""
    if held.below_since is not None and now >= held.below_since + GRACE:
        return fallen(ladder, held.position, xp)
    return held.position


@dataclass(frozen=True, slots=True)
class Crossing:
    """A rung whose xp was reached, and by the entry of which moment."""

    rung: Rung
    at: datetime


def crossings(ladder: Sequence[Rung], entries: Iterable[tuple[datetime, int]]) -> Iterator[Crossing]:
    """When the xp of each rung was first reached, by xp entries in any order; entries of one moment count together.

    An entry and its reversal carry the same moment, so what was taken back crosses nothing.
    """
    by_moment: dict[datetime, int] = {}
    for at, amount in entries:
        by_moment[at] = by_moment.get(at, 0) + amount
    total, above = 0, 0
    for at in sorted(by_moment):
        total += by_moment[at]
        while above + 1 < len(ladder) and total >= ladder[above + 1].xp:
            above += 1
            yield Crossing(ladder[above], at)


@dataclass(frozen=True, slots=True)
class Change:
    """What new xp does to a level, beside `held`: climbs need the entries to tell their moments."""

    climbs_to: int | None
    starts_grace: bool
    ends_grace: bool


def consider(ladder: Sequence[Rung], held: Held, xp: int, fulfils: Callable[[Rung], bool] | None = None) -> Change:
    """What becomes of a held level at this xp: up at once, down only through the grace."""
    position = climb(ladder, held.position, xp, fulfils or (lambda rung: not rung.asks_more))
    keeping = position > held.position or position == 0 or keeps(ladder[held.position], xp)
    return Change(
        climbs_to=position if position > held.position else None,
        starts_grace=not keeping and held.below_since is None,
        ends_grace=keeping and held.below_since is not None,
    )
