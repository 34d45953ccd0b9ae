"""The numbers that a schema allows: bounds, and multiples of a step."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

Bound = tuple[Any, bool]
"""A number, and whether it is excluded itself."""


@dataclass
class Numbers:
    """A range of numbers, which every further schema makes narrower."""

    low: Bound | None = None
    high: Bound | None = None
    step: Fraction | None = None

    def narrow(self, schema: Mapping[str, Any]) -> None:
        """Take in what one more schema says."""
        for name, excluded in (("minimum", False), ("exclusiveMinimum", True)):
            if name in schema:
                self.low = max(_present(self.low, (schema[name], excluded)))
        for name, excluded in (("maximum", False), ("exclusiveMaximum", True)):
            if name in schema:
                self.high = min(_present(self.high, (schema[name], excluded)), key=_tightest)
        if "multipleOf" in schema:
            self.step = _exact(schema["multipleOf"])
        if schema.get("type") == "integer":
            self.step = Fraction((self.step or Fraction(1)).numerator)

    def some(self, low: Any, high: Any) -> bool:
        """Whether there is one between these, both included; None is no further bound."""
        bottom = max(_present(self.low, None if low is None else (low, False)), default=None)
        top = min(_present(self.high, None if high is None else (high, False)), key=_tightest, default=None)
        if self.step is not None and bottom is not None:
            # In the decimals that were written: in binary 0.3 is no multiple of 0.1.
            top = top and (_exact(top[0]), top[1])
            bottom = (_exact(bottom[0]), bottom[1])
            first = math.ceil(bottom[0] / self.step) * self.step
            bottom = (first + self.step if bottom[1] and first == bottom[0] else first, False)
        if bottom is None or top is None:
            return True
        return bool(bottom[0] < top[0] or (bottom[0] == top[0] and not bottom[1] and not top[1]))

    def all_among(self, values: Sequence[Any]) -> bool:
        """Whether there is none beside these."""
        if self.low is None or self.high is None:
            return False
        if self.low[0] >= self.high[0]:
            return self.low[0] in values
        if self.step is None or (_exact(self.high[0]) - _exact(self.low[0])) / self.step > len(values) + 1:
            return False
        first, last = math.ceil(_exact(self.low[0]) / self.step), math.floor(_exact(self.high[0]) / self.step)
        exact = {_exact(one) for one in values}
        within = (number * self.step for number in range(first, last + 1))
        return all(one in exact for one in within if self.some(float(one), float(one)))


def _present(*bounds: Bound | None) -> Iterator[Bound]:
    return (bound for bound in bounds if bound is not None)


def _tightest(bound: Bound) -> Bound:
    """The order of upper bounds: of two equal ones, the excluded one comes first."""
    return (bound[0], not bound[1])


def _exact(number: Any) -> Fraction:
    return Fraction(str(number))
