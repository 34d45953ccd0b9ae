"""The state of the folds as rows: which tables keep it, and what of them a fold has changed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.gamification.earning.fold_rules import Share, Windows
from services.gamification.earning.rules import Order

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Kept:
    """A table of kept state: its key after member and rule, and what else it holds."""

    key: tuple[str, ...]
    values: tuple[str, ...]


KEPT: Mapping[str, Kept] = {
    "shares": Kept(("day",), ("counted", "last_at", "last_id")),
    "claims": Kept(("thing",), ("claimed_at", "claimed_by")),
    "targets": Kept(("thing",), ("counted", "last_at", "last_id")),
    "givers": Kept(("giver_id", "day"), ("counted", "last_at", "last_id")),
}
"""By the name of the part of `Windows`."""


def changed_rows(
    member_id: UUID, code: str, before: Windows, after: Windows
) -> Iterator[tuple[str, list[Row], list[Row]]]:
    """For each table, the rows to be written and the keys of those that are to go."""
    name = {"member_id": member_id, "rule_code": code}
    for table, columns in KEPT.items():
        old: Mapping[Any, Any] = getattr(before, table)
        new: Mapping[Any, Any] = getattr(after, table)
        kept = [
            name | _key(columns, key) | dict(zip(columns.values, _values(value), strict=True))
            for key, value in new.items()
            if old.get(key) != value
        ]
        yield table, kept, [name | _key(columns, key) for key in old.keys() - new.keys()]


def _key(columns: Kept, key: Any) -> Row:
    return dict(zip(columns.key, key if isinstance(key, tuple) else (key,), strict=True))


def _values(value: Share | Order) -> tuple[Any, ...]:
    return (value.counted, *value.last) if isinstance(value, Share) else value
