"""JSON Schema 2020-12 for forms. Each keyword counts its steps, so that a budget can stop the validation."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

from jsonschema import Draft202012Validator, validators
from jsonschema.exceptions import ValidationError

from chassis.budget import spend

Keyword = Callable[[Any, Any, Any, Any], Iterator[ValidationError] | None]


def _counted(keyword: Keyword) -> Keyword:
    def count_and_check(validator: Any, wanted: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
        spend(1 + _size(wanted) + _size(value))
        yield from keyword(validator, wanted, value, schema) or ()

    return count_and_check


def _size(value: Any) -> int:
    return len(value) if isinstance(value, list | dict) else 0


def _multiple_of(_validator: Any, step: Any, value: Any, _schema: Any) -> Iterator[ValidationError]:
    """Counted in the decimals that were written: in binary 0.3 is no multiple of 0.1."""
    if isinstance(value, int | float) and not isinstance(value, bool) and Fraction(str(value)) % Fraction(str(step)):
        yield ValidationError(f"{value!r} is not a multiple of {step!r}")


def _unique_items(_validator: Any, wanted: Any, value: Any, _schema: Any) -> Iterator[ValidationError]:
    """Compares hashes. Comparing each item with each other would grow with the square."""
    if wanted and isinstance(value, list) and len({_identity(item) for item in value}) < len(value):
        yield ValidationError("the items are not unique")


def _identity(value: Any) -> Any:
    """Equal if JSON Schema calls the values equal: 1 and 1.0, and objects in any order; but not true and 1."""
    spend()
    if isinstance(value, dict):
        return ("object", frozenset((name, _identity(child)) for name, child in value.items()))
    if isinstance(value, list):
        return ("array", tuple(_identity(child) for child in value))
    return (type(value) if isinstance(value, bool | str | None) else "number", value)


CountedValidator: Any = validators.extend(  # type: ignore[no-untyped-call]
    Draft202012Validator,
    {
        name: _counted(keyword)
        for name, keyword in {
            **Draft202012Validator.VALIDATORS,
            "multipleOf": _multiple_of,
            "uniqueItems": _unique_items,
        }.items()
    },
)
