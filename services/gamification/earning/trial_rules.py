"""What a rule would have paid, told in a few figures whatever the number of members. Pure."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

QUANTILES = (10, 25, 50, 75, 90, 99, 100)
TOPS = (1, 10, 20)
_EXACT = 1_000


@dataclass(slots=True)
class Distribution:
    """How amounts are spread over members, of whom only those with any are counted.

    Amounts are kept by their first three digits, so that a million members need no more room than a thousand: those below 1,000 are exact,
    of others quantiles are the mean of those with the same three digits.
    """

    members: Counter[int] = field(default_factory=Counter)
    sums: Counter[int] = field(default_factory=Counter)

    def add(self, amount: int) -> None:
        """Count one member's amount."""
        if amount:
            key = _three_digits(amount)
            self.members[key] += 1
            self.sums[key] += amount

    def told(self) -> dict[str, Any]:
        """Quantiles by nearest rank, and which percentage of the whole the largest amounts of so many percent of the members are."""
        count, whole = self.members.total(), self.sums.total()
        return {
            "total": whole,
            "members": count,
            "quantiles": {f"p{percent}": self._quantile(percent, count) for percent in QUANTILES} if count else None,
            "top_shares": {f"top_{percent}": self._top(percent, count) for percent in TOPS} if count else None,
        }

    def _quantile(self, percent: int, count: int) -> int:
        rank, seen = _part(count, percent), 0
        for key in sorted(self.members):
            seen += self.members[key]
            if seen >= rank:
                return round(self.sums[key] / self.members[key])
        raise AssertionError("the last rank is the count")

    def _top(self, percent: int, count: int) -> float:
        left, top = _part(count, percent), 0.0
        # What takes points away has its largest amounts at the other end.
        for key in sorted(self.members, key=abs, reverse=True):
            taken = min(left, self.members[key])
            top += self.sums[key] * taken / self.members[key]
            left -= taken
        whole = self.sums.total()
        return round(100 * top / whole, 1) if whole else 0.0

    def kept(self) -> dict[str, Any]:
        """As a job keeps it between two steps."""
        return {str(key): [self.members[key], self.sums[key]] for key in self.members}


def distribution(kept: Mapping[str, Any]) -> Distribution:
    """What was kept between two steps."""
    found = Distribution()
    for key, (members, amount) in kept.items():
        found.members[int(key)], found.sums[int(key)] = members, amount
    return found


def _three_digits(amount: int) -> int:
    if abs(amount) < _EXACT:
        return amount
    scale: int = 10 ** (len(str(abs(amount))) - 3)
    return abs(amount) // scale * scale * (1 if amount > 0 else -1)


def _part(count: int, percent: int) -> int:
    """So many percent of a number, rounded up."""
    return -(-count * percent // 100)
