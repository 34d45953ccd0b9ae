"""What a list shows and in which order, for `chassis.web.pages` to answer a page of."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select
from sqlmodel import SQLModel


@dataclass(frozen=True)
class Listing:
    """A statement of one entity or column, or of several, and its order.

    `order` are non-null columns, each `asc()` or `desc()`, the last one unique.
    """

    statement: Select[*tuple[Any, ...]]
    order: Sequence[ColumnElement[Any]]


def of_community(model: type[SQLModel], community_id: UUID, *only: ColumnElement[bool]) -> Listing:
    """A community's rows of a table with `created_at`, the oldest first; `only` those for which this holds."""
    table = model.__table__.c  # type: ignore[attr-defined]  # a table model has one
    return Listing(
        select(model).where(table.community_id == community_id, *only), [table.created_at.asc(), table.id.asc()]
    )
