"""What came of a change: four weeks before against four after. Pure."""

from dataclasses import dataclass
from typing import Final, Literal

Verdict = Literal["rose", "fell", "unchanged", "too_little_to_say"]

FEWEST_TO_SAY: Final = 20
"""Below so many on either side there is too little to say."""
UNCHANGED: Final = 0.05
"""Up to this share of what was before, nothing has changed."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A value and how many it rests on."""

    value: float | None
    n: int | None


@dataclass(frozen=True, slots=True)
class Compared:
    """The same before and after."""

    before: Figure
    after: Figure

    @property
    def says_something(self) -> bool:
        """Whether both sides rest on enough."""
        return all(
            one.value is not None and one.n is not None and one.n >= FEWEST_TO_SAY for one in (self.before, self.after)
        )

    @property
    def difference(self) -> float | None:
        """By how much the value is greater after; None where there is too little to say."""
        if self.before.value is None or self.after.value is None or not self.says_something:
            return None
        return self.after.value - self.before.value

    @property
    def verdict(self) -> Verdict:
        """What became of the value. Whether that is good, the metric does not know."""
        difference = self.difference
        if difference is None or self.before.value is None:
            return "too_little_to_say"
        if abs(difference) <= UNCHANGED * abs(self.before.value):
            return "unchanged"
        return "rose" if difference > 0 else "fell"
