"""Whether what is counted of a member fulfils a badge."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

CounterName = Literal["deeds", "checkins", "longest_streak", "xp", "level"]
Match = Literal["all", "any"]


@dataclass(frozen=True, slots=True)
class Counter:
    """What is counted of a member. `deeds` are those of one trigger in which they were one of whom the trigger can pay."""

    name: str
    trigger: str | None = None
    beneficiary: str | None = None


@dataclass(frozen=True, slots=True)
class Criterion:
    """A counter that must have come so far."""

    counter: Counter
    at_least: int


def fulfilled(match: str, criteria: Sequence[Criterion], counts: Mapping[Counter, int]) -> bool:
    """Whether all, or any, of the criteria are met; without criteria none is."""
    met = [counts.get(criterion.counter, 0) >= criterion.at_least for criterion in criteria]
    return bool(met) and (all(met) if match == "all" else any(met))


def concerns(criteria: Iterable[Criterion], names: Iterable[str], triggers: Iterable[str]) -> bool:
    """Whether a badge asks for one of these counters, or for deeds of one of these triggers."""
    changed, of_deeds = set(names), set(triggers)
    return any(
        criterion.counter.name in changed or (criterion.counter.trigger in of_deeds if of_deeds else False)
        for criterion in criteria
    )
