"""Lists by keyset: a page's cost does not grow with its number, and rows that come or go disturb nobody.

A cursor carries the order values of the last row, signed together with operation, filters and caller: it continues the list
it came from and no other. A tampered one is 400.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

import orjson
from fastapi import Depends, Query
from pydantic import BaseModel
from sqlalchemy import ColumnElement, TypeDecorator
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.requests import Request

from chassis.database.context import context_of
from chassis.database.listing import GivenListing, Listing
from chassis.problems import CURSOR_INVALID
from chassis.security.caller import Caller

Item = TypeVar("Item")

DEFAULT_LIMIT = 20
MAX_LIMIT = 100
COUNT_LIMIT = 10_000
_SIGNATURE_BYTES = 16


class Total(BaseModel):
    """The number of items, exact up to 10,000."""

    value: int
    exact: bool


class Page(BaseModel, Generic[Item]):
    """One page of a list. `next` continues it, and is null at the end."""

    items: list[Item]
    next: str | None = None
    total: Total | None = None


@dataclass(frozen=True)
class PageRequest:
    """What the caller asks of a list, and what binds its cursors to it."""

    limit: int
    cursor: str | None
    count: bool
    secret: bytes
    binding: bytes

    def encode(self, values: Sequence[Any]) -> str:
        """A signed cursor that continues after a row with these order values."""
        payload = orjson.dumps([_plain(value) for value in values])
        return _as_text(self._sign(payload) + payload)

    def decode(self) -> list[Any] | None:
        """The order values to continue after; None for the first page. Raises `CURSOR_INVALID` (400)."""
        if self.cursor is None:
            return None
        try:
            raw = base64.b64decode(self.cursor + "=" * (-len(self.cursor) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            raise CURSOR_INVALID() from None
        if _as_text(raw) != self.cursor:
            raise CURSOR_INVALID()
        signature, payload = raw[:_SIGNATURE_BYTES], raw[_SIGNATURE_BYTES:]
        if not hmac.compare_digest(signature, self._sign(payload)):
            raise CURSOR_INVALID()
        values: list[Any] = orjson.loads(payload)
        return values

    def _sign(self, payload: bytes) -> bytes:
        return hmac.digest(self.secret, self.binding + b"\0" + payload, "sha256")[:_SIGNATURE_BYTES]


def _as_text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


async def page_request(
    request: Request,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT, description="Items per page.")] = DEFAULT_LIMIT,
    cursor: Annotated[str | None, Query(max_length=1000, description="`next` of the previous page.")] = None,
    count: Annotated[bool, Query(description="Add `total`, which is exact up to 10,000.")] = False,
) -> PageRequest:
    """The list's query parameters, and what its cursors are bound to."""
    filters = [(key, value) for key, value in request.query_params.multi_items() if key not in _NOT_FILTERS]
    binding = _binding(request.scope["route"].operation_id, request.url.path, filters, request.state.caller)
    return PageRequest(limit, cursor, count, request.app.state.runtime.cursor_secret, binding)


def first_page_of(
    session: AsyncSession,
    caller: Caller | None,
    operation_id: str,
    path: str,
    filters: Mapping[str, str],
    *,
    limit: int = DEFAULT_LIMIT,
) -> PageRequest:
    """The first page of another list, as part of an answer: its cursor continues that list, asked for with these filters."""
    binding = _binding(operation_id, path, filters.items(), caller)
    return PageRequest(limit, None, False, context_of(session).runtime.cursor_secret, binding)


def _binding(operation_id: str, path: str, filters: Iterable[tuple[str, str]], caller: Caller | None) -> bytes:
    bound = [operation_id, path, sorted(filters), caller.actor if caller else None]
    return hashlib.sha256(orjson.dumps(bound)).digest()


_NOT_FILTERS = frozenset({"cursor", "limit", "count"})

PageQuery = Annotated[PageRequest, Depends(page_request)]
"""`limit`, `cursor` and `count` of a list operation."""


async def paginate(
    session: AsyncSession, listing: Listing | GivenListing, *, page: PageRequest, to: Callable[[Any], Item]
) -> Page[Item]:
    """One page of a list.

    `to` makes the item: of the one entity or column that the statement selects, or of the whole row where it selects several.
    """

    async def each(rows: Sequence[Any]) -> list[Item]:
        return [to(row) for row in rows]

    return await paginate_together(session, listing, page=page, to=each)


async def paginate_together(
    session: AsyncSession,
    listing: Listing | GivenListing,
    *,
    page: PageRequest,
    to: Callable[[Sequence[Any]], Awaitable[list[Item]]],
) -> Page[Item]:
    """One page of a list whose items are made together, as where something is looked up once for all of them."""
    keys, after = listing.keys, page.decode()
    if after is not None:
        if len(after) != len(keys):
            raise CURSOR_INVALID()
        after = [_typed(column, value) for (column, _), value in zip(keys, after, strict=True)]
    rows = await listing.rows(session, page.limit + 1, after)
    width = len(keys)
    shown = rows[: page.limit]
    following = page.encode(shown[-1][-width:]) if len(rows) > page.limit else None
    items = await to([row[0] if len(row) == width + 1 else row[:-width] for row in shown])
    total = None
    if page.count:
        found = await listing.count(session, COUNT_LIMIT + 1)
        total = Total(value=min(found, COUNT_LIMIT), exact=found <= COUNT_LIMIT)
    return Page(items=items, next=following, total=total)


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, (UUID, Decimal)) else value


def _typed(column: ColumnElement[Any], value: Any) -> Any:
    """A JSON value as the column's Python type: identifiers and times travel as text."""
    # A decorated type such as UTCDateTime does not say what it makes; the type it decorates does.
    kind = column.type.impl_instance if isinstance(column.type, TypeDecorator) else column.type
    wanted = kind.python_type
    if wanted is UUID:
        return UUID(value)
    if wanted is datetime:
        return datetime.fromisoformat(value)
    if wanted is date:
        return date.fromisoformat(value)
    if wanted is Decimal:
        return Decimal(value)
    return value
