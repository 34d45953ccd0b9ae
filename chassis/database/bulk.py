"""Many rows in one statement, on either database.

PostgreSQL takes one array per column (`INSERT … SELECT FROM unnest(…)`): the statement's text does not depend on the number of
rows, so it is compiled and planned once. Many rows that cannot conflict go by COPY, at half the CPU on our side. SQLite takes
a list of parameters: there is no network between it and us.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any

import asyncpg
from sqlalchemy import (
    Boolean,
    ColumnElement,
    Date,
    Integer,
    Select,
    String,
    Table,
    Uuid,
    any_,
    cast,
    func,
    insert,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.expression import bindparam
from sqlmodel import AutoString, UTCDateTime
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import is_postgres

Row = Mapping[str, Any]

_FEW = 4
"""Up to how many rows a list of parameters is cheaper than arrays on PostgreSQL, too."""

_MANY = 50
"""From how many rows on COPY is worth its two round trips."""
_COPIED = (Uuid, String, AutoString, Integer, Boolean, Date, UTCDateTime)
"""Types whose values the driver takes as they are."""

_statements: dict[tuple[Any, ...], Any] = {}


async def insert_many(session: AsyncSession, table: Table, rows: Sequence[Row]) -> None:
    """Insert rows that all have the same columns."""
    if not rows:
        return
    connection = await session.connection()
    if is_postgres(session) and len(rows) >= _MANY and _can_be_copied(table, tuple(rows[0])):
        await _copy(connection, table, rows)
    elif is_postgres(session) and len(rows) > _FEW:
        shape = _shape(table, rows)
        await connection.execute(_from_arrays(table, shape), _arrays(shape, rows))
    else:
        await connection.execute(insert(table), [dict(row) for row in rows])


async def insert_new(
    session: AsyncSession, table: Table, rows: Sequence[Row], *, key: Sequence[str]
) -> set[tuple[Any, ...]]:
    """Insert the rows whose key does not exist yet and return the keys of those; sort them so that two callers cannot wait for each other."""
    if not rows:
        return set()
    connection = await session.connection()
    names = tuple(rows[0])
    if is_postgres(session):
        shape = _shape(table, rows)
        statement = _from_arrays(table, shape, "nothing", tuple(key))
        return {tuple(row) for row in await connection.execute(statement, _arrays(shape, rows))}
    kept = ("sqlite new", table, names, tuple(key))
    if kept not in _statements:
        columns = [table.c[name] for name in key]
        _statements[kept] = sqlite.insert(table).on_conflict_do_nothing(index_elements=columns).returning(*columns)
    return {tuple(row) for row in await connection.execute(_statements[kept], [dict(row) for row in rows])}


async def upsert_many(
    session: AsyncSession, table: Table, rows: Sequence[Row], *, key: Sequence[str], update: Sequence[str]
) -> None:
    """Insert rows, or write the `update` columns of those whose key exists; no key may come twice."""
    if not rows:
        return
    connection = await session.connection()
    names = tuple(rows[0])
    if is_postgres(session) and len(rows) > _FEW:
        shape = _shape(table, rows)
        await connection.execute(_from_arrays(table, shape, tuple(update), tuple(key)), _arrays(shape, rows))
        return
    kept = ("upsert", is_postgres(session), table, names, tuple(update), tuple(key))
    if kept not in _statements:
        fresh: Any = postgresql.insert(table) if is_postgres(session) else sqlite.insert(table)
        _statements[kept] = fresh.on_conflict_do_update(
            index_elements=[table.c[name] for name in key], set_={name: fresh.excluded[name] for name in update}
        )
    await connection.execute(_statements[kept], [dict(row) for row in rows])


def among(session: AsyncSession, column: Any, values: Iterable[Any]) -> ColumnElement[bool]:
    """Whether a column's value is one of many: `IN`, or on PostgreSQL `= ANY` of one array, which is the same statement for any number."""
    listed = list(values)
    if not is_postgres(session):
        return column.in_(listed)  # type: ignore[no-any-return]
    kind = ARRAY(column.type, dimensions=1)
    return column == any_(cast(bindparam(None, listed, type_=kind), kind))  # type: ignore[no-any-return]


@lru_cache(maxsize=256)
def _can_be_copied(table: Table, names: tuple[str, ...]) -> bool:
    return all(isinstance(table.c[name].type, _COPIED) for name in names)


async def _copy(connection: AsyncConnection, table: Table, rows: Sequence[Row]) -> None:
    """COPY through the driver: SQLAlchemy has no statement for it."""
    names = tuple(rows[0])
    for name in names:
        if isinstance(table.c[name].type, UTCDateTime) and any(row[name] and row[name].tzinfo is None for row in rows):
            # The driver would take it for local time.
            raise ValueError(f"{table.name}.{name} needs moments with a time zone")
    driver: Any = (await connection.get_raw_connection()).driver_connection
    if not driver.is_in_transaction():
        # SQLAlchemy begins one with the first statement that goes through it.
        await connection.execute(_FIRST)
    try:
        columns = [table.c[name].name for name in names]
        await driver.copy_records_to_table(table.name, columns=columns, records=map(itemgetter(*names), rows))
    except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise _known(error)(f"COPY {table.name}", None, error) from error


_FIRST = text("SELECT 1")


def _known(error: Exception) -> type[DBAPIError]:
    """What SQLAlchemy would have made of an error of the driver."""
    if isinstance(error, asyncpg.IntegrityConstraintViolationError):
        return IntegrityError
    # A closed connection is one; so is a value of the wrong type, which no second try would mend.
    lost = isinstance(error, asyncpg.InterfaceError) and not isinstance(error, ValueError)
    return OperationalError if lost else DBAPIError


@dataclass(frozen=True, slots=True)
class _Shape:
    """Which columns of a batch differ from row to row, and which hold one value, sent once."""

    differing: tuple[str, ...]
    shared: tuple[str, ...]


def _shape(table: Table, rows: Sequence[Row]) -> _Shape:
    """Every element of an array costs, and many columns of a batch hold one moment, one actor, or nothing.

    Only identical objects count, and only of types that repeat in most batches. Otherwise every batch would need its own statement.
    """
    first = rows[0]
    differing, shared = [], []
    for name, value in first.items():
        same = isinstance(value, None | bool | datetime) and all(row[name] is value for row in rows)
        if same and not (value is None and not table.c[name].nullable):
            shared.append(name)
        else:
            differing.append(name)
    return _Shape(tuple(differing), tuple(shared))


def _arrays(shape: _Shape, rows: Sequence[Row]) -> dict[str, Any]:
    arrays: dict[str, Any] = {name: [row[name] for row in rows] for name in shape.differing}
    return arrays | {name: rows[0][name] for name in shape.shared}


def _from_arrays(table: Table, shape: _Shape, conflict: str | tuple[str, ...] = "", key: tuple[str, ...] = ()) -> Any:
    kept = (table, shape, conflict, key)
    statement = _statements.get(kept)
    if statement is not None:
        return statement
    # Say that the arrays have one dimension; otherwise SQLAlchemy inspects every element to find out.
    kinds = [(name, ARRAY(table.c[name].type, dimensions=1)) for name in shape.differing]
    arrays = [cast(bindparam(name, type_=kind), kind) for name, kind in kinds]
    unnested = func.unnest(*arrays).table_valued(*shape.differing, with_ordinality="position_").render_derived()
    once = [cast(bindparam(name, type_=table.c[name].type), table.c[name].type) for name in shape.shared]
    ordered: Select[Any] = select(*[unnested.c[name] for name in shape.differing], *once).order_by(unnested.c.position_)
    names = [*shape.differing, *shape.shared]
    statement = postgresql.insert(table).from_select(names, ordered, include_defaults=False)
    keys = [table.c[name] for name in key]
    if conflict == "nothing":
        statement = statement.on_conflict_do_nothing(index_elements=keys).returning(*keys)
    elif conflict:
        statement = statement.on_conflict_do_update(
            index_elements=keys, set_={name: statement.excluded[name] for name in conflict}
        )
    _statements[kept] = statement
    return statement
