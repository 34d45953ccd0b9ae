"""What a list shows and in which order, for `chassis.web.pages` to answer a page of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, Select, UnaryExpression, and_, func, or_, select
from sqlalchemy.sql import operators
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import Prepared, bindparam, rows_of

Key = tuple[ColumnElement[Any], Literal["asc", "desc"]]
"""A column of an order, and its direction."""


@dataclass(frozen=True)
class Listing:
    """A statement of one entity or column, or of several, and its order.

    `order` are non-null columns, each `asc()` or `desc()`, the last one unique.
    """

    statement: Select[*tuple[Any, ...]]
    order: Sequence[ColumnElement[Any]]

    @cached_property
    def keys(self) -> list[Key]:
        """The columns of the order, with their directions."""
        return [_column(part) for part in self.order]

    def page(self, limit: Any, after: Sequence[Any] | None = None) -> Select[Any]:
        """The rows after one with these values of the order, each row followed by its own; values or parameters are given alike."""
        paged = self.statement.add_columns(*(column.label(f"_order_{n}") for n, (column, _) in enumerate(self.keys)))
        if after is not None:
            paged = paged.where(_beyond(self.keys, after))
        return paged.order_by(*self.order).limit(limit)

    def counted(self, most: Any) -> Select[Any]:
        """How many rows there are, up to `most`."""
        limited = self.statement.order_by(None).limit(most).subquery()
        return select(func.count()).select_from(limited)

    async def rows(self, session: AsyncSession, limit: int, after: Sequence[Any] | None) -> list[Any]:
        """The rows of `page`."""
        return await rows_of(session, self.page(limit, after))

    async def count(self, session: AsyncSession, most: int) -> int:
        """What `counted` finds."""
        [found] = await rows_of(session, self.counted(most))
        return int(found)


class PreparedListing:
    """A listing with parameters (`bindparam`) that is built once, because many ask for it: `given` is the list of one request."""

    def __init__(self, listing: Listing) -> None:
        self.listing = listing
        self.after = [f"after_{n}" for n in range(len(listing.order))]
        limit: Any = bindparam("page_limit")
        self.first: Prepared[Any] = Prepared(listing.page(limit))
        self.following: Prepared[Any] = Prepared(listing.page(limit, [bindparam(name) for name in self.after]))
        self.counted: Prepared[Any] = Prepared(listing.counted(limit))

    def given(self, **values: Any) -> "GivenListing":
        """The list for these values of its parameters."""
        return GivenListing(self, values)


@dataclass(frozen=True)
class GivenListing:
    """A prepared listing with the values of its parameters."""

    prepared: PreparedListing
    values: Mapping[str, Any]

    @property
    def keys(self) -> list[Key]:
        """See `Listing`."""
        return self.prepared.listing.keys

    async def rows(self, session: AsyncSession, limit: int, after: Sequence[Any] | None) -> list[Any]:
        """See `Listing`."""
        if after is None:
            return await self.prepared.first.all(session, page_limit=limit, **self.values)
        continued = dict(zip(self.prepared.after, after, strict=True))
        return await self.prepared.following.all(session, page_limit=limit, **continued, **self.values)

    async def count(self, session: AsyncSession, most: int) -> int:
        """See `Listing`."""
        return int(await self.prepared.counted.one(session, page_limit=most, **self.values))


def of_community(model: type[SQLModel], community_id: UUID, *only: ColumnElement[bool]) -> Listing:
    """A community's rows of a table with `created_at`, the oldest first; `only` those for which this holds."""
    table = model.__table__.c  # type: ignore[attr-defined]  # a table model has one
    return Listing(
        select(model).where(table.community_id == community_id, *only), [table.created_at.asc(), table.id.asc()]
    )


def _column(part: ColumnElement[Any]) -> Key:
    if isinstance(part, UnaryExpression) and part.modifier in (operators.desc_op, operators.asc_op):
        return part.element, "desc" if part.modifier is operators.desc_op else "asc"
    return part, "asc"


def _beyond(columns: Sequence[Key], after: Sequence[Any]) -> ColumnElement[bool]:
    """Rows after the given one in the order: (a, b) > (x, y) spelled out, since directions may differ."""
    alternatives = []
    for depth, (column, direction) in enumerate(columns):
        same = [earlier == after[n] for n, (earlier, _) in enumerate(columns[:depth])]
        alternatives.append(and_(*same, column < after[depth] if direction == "desc" else column > after[depth]))
    return or_(*alternatives)
