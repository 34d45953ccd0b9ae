"""What a list shows and in which order, for `chassis.web.pages` to answer a page of."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select


@dataclass(frozen=True)
class Listing:
    """A statement of one entity or column, or of several, and its order.

    `order` are non-null columns, each `asc()` or `desc()`, the last one unique.
    """

    statement: Select[*tuple[Any, ...]]
    order: Sequence[ColumnElement[Any]]
