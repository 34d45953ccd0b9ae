"""Many rows in one statement, on either database.

PostgreSQL takes one array per column (`INSERT … SELECT FROM unnest(…)`): the statement's text does not depend on the number of
rows, so it is compiled and planned once. Many rows that cannot conflict go by COPY, at half the CPU on our side. SQLite takes
a list of parameters: there is no network between it and us.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any, cast

import orjson
from sqlalchemy import (
    Boolean,
    ColumnElement,
    Date,
    Dialect,
    Integer,
    Select,
    String,
    Table,
    TypeDecorator,
    Uuid,
    any_,
    bindparam,
    delete,
    func,
    insert,
    literal_column,
    true,
)
from sqlalchemy import cast as sql_cast
from sqlalchemy import select as sql_select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.type_api import TypeEngine
from sqlmodel import AutoString, UTCDateTime
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.compiled import bind_processor
from chassis.database.statements import Prepared, Spelling, is_postgres

if TYPE_CHECKING:
    from chassis.database.holding import OnDriver, PostgresDriver

Row = Mapping[str, Any]

Merging = Callable[[Table, Any, Sequence[str]], Any]
"""What becomes of rows whose key exists: an `INSERT` of these columns with its `ON CONFLICT`. A function of a module, or it is built anew."""

ROWS_AT_ONCE = 5000
"""How many rows of one table are forgotten at a time."""

_FEW = 4
"""Up to how many rows a list of parameters is cheaper than arrays on PostgreSQL, too."""

_MANY = 50
"""From how many rows on COPY is worth its two round trips."""
_COPIED = (Uuid, String, AutoString, Integer, Boolean, Date, UTCDateTime)
"""Types whose values the driver takes as they are."""


async def delete_some(session: AsyncSession, table: Table, old: ColumnElement[bool]) -> None:
    """Delete rows of which this holds, no more than a transaction may take; the rest waits for the next time."""
    first = next(iter(table.primary_key.columns))
    doomed = sql_select(first).where(old).limit(ROWS_AT_ONCE)
    await session.execute(delete(table).where(old, first.in_(doomed)))


async def insert_many(session: AsyncSession, table: Table, rows: Sequence[Row]) -> None:
    """Insert rows that all have the same columns."""
    if not rows:
        return
    if is_postgres(session) and len(rows) >= _MANY and _can_be_copied(table, tuple(rows[0])):
        await _copy(session, table, rows)
    elif is_postgres(session) and len(rows) > _FEW:
        shape = _shape(table, rows)
        await _from_arrays(table, shape).run(session, **_arrays(shape, rows))
    else:
        await _one_by_one(table).run_many(session, rows)


async def insert_new(
    session: AsyncSession, table: Table, rows: Sequence[Row], *, key: Sequence[str]
) -> set[tuple[Any, ...]]:
    """Insert the rows whose key does not exist yet and return the keys of those; sort them so that two callers cannot wait for each other."""
    if not rows:
        return set()
    if is_postgres(session):
        shape = _shape(table, rows)
        inserted = await _from_arrays(table, shape, "nothing", tuple(key)).all(session, **_arrays(shape, rows))
    else:
        inserted = await _from_list(table, tuple(rows[0]), tuple(key)).all(session, rows=rows)
    return {tuple(row) if len(key) > 1 else (row,) for row in inserted}


async def upsert_many(
    session: AsyncSession, table: Table, rows: Sequence[Row], *, key: Sequence[str], update: Sequence[str]
) -> None:
    """Insert rows, or write the `update` columns of those whose key exists; no key may come twice."""
    if not rows:
        return
    if is_postgres(session) and len(rows) > _FEW:
        shape = _shape(table, rows)
        await _from_arrays(table, shape, tuple(update), tuple(key)).run(session, **_arrays(shape, rows))
    else:
        await _upsert(table, tuple(rows[0]), tuple(key), tuple(update)).run_many(session, rows)


async def merge_many(session: AsyncSession, table: Table, rows: Sequence[Row], merging: Merging) -> None:
    """Insert rows or merge them into those that are there, in one statement however many they are; no key may come twice."""
    if not rows:
        return
    names = tuple(rows[0])
    if len(rows) == 1:
        await _merge(table, names, merging).run(session, **rows[0])
    elif is_postgres(session):
        # No shape: it differs from batch to batch, and each would be planned anew.
        shape = _Shape(names, ())
        await _from_arrays(table, shape, merging).run(session, **_arrays(shape, rows))
    else:
        await _from_list(table, names, merging).run(session, rows=rows)


def among(session: AsyncSession, column: Any, values: Iterable[Any]) -> ColumnElement[bool]:
    """Whether a column's value is one of many: `IN`, or on PostgreSQL `= ANY` of one array, which is the same statement for any number."""
    listed = list(values)
    if not is_postgres(session):
        return column.in_(listed)  # type: ignore[no-any-return]
    kind = ARRAY(column.type, dimensions=1)
    return column == any_(sql_cast(bindparam(None, listed, type_=kind), kind))  # type: ignore[no-any-return]


@lru_cache(maxsize=256)
def _can_be_copied(table: Table, names: tuple[str, ...]) -> bool:
    return all(isinstance(table.c[name].type, _COPIED) for name in names)


async def _copy(session: AsyncSession, table: Table, rows: Sequence[Row]) -> None:
    """COPY through the driver: SQLAlchemy has no statement for it."""
    names = tuple(rows[0])
    for name in names:
        if isinstance(table.c[name].type, UTCDateTime) and any(row[name] and row[name].tzinfo is None for row in rows):
            # The driver would take it for local time.
            raise ValueError(f"{table.name}.{name} needs moments with a time zone")
    own = cast("OnDriver", session)
    driver = await own.driver()
    try:
        columns = [table.c[name].name for name in names]
        await cast("PostgresDriver", driver).copy(table.name, columns, map(itemgetter(*names), rows))
    except BaseException as error:  # noqa: BLE001 - raised as what SQLAlchemy would make of it
        own.holding.fail(error, f"COPY {table.name}")


@lru_cache(maxsize=256)
def _one_by_one(table: Table) -> Prepared[Any]:
    return Prepared(insert(table))


@lru_cache(maxsize=256)
def _upsert(table: Table, names: tuple[str, ...], key: tuple[str, ...], update: tuple[str, ...]) -> Prepared[Any]:
    def build(on: Spelling) -> Any:
        added = on.insert(table).values({name: bindparam(name) for name in names})
        changed = {name: added.excluded[name] for name in update}
        return added.on_conflict_do_update(index_elements=[table.c[name] for name in key], set_=changed)

    return Prepared(build)


@lru_cache(maxsize=256)
def _merge(table: Table, names: tuple[str, ...], merging: Merging) -> Prepared[Any]:
    def build(on: Spelling) -> Any:
        return merging(table, on.insert(table).values({name: bindparam(name) for name in names}), names)

    return Prepared(build)


@lru_cache(maxsize=256)
def _from_list(table: Table, names: tuple[str, ...], conflict: tuple[str, ...] | Merging) -> Prepared[Any]:
    """SQLite's one statement for any number of rows: they come as one list of JSON."""
    kinds = {name: table.c[name].type for name in names}
    listed = func.json_each(bindparam("rows", type_=_JsonRows(kinds))).table_valued("value")
    values = [listed.c.value.op("->>")(literal_column(str(place))) for place in range(len(names))]
    # WHERE true: without it SQLite takes ON CONFLICT for a join's ON.
    rows = sql_select(*values).where(true())
    added = sqlite.insert(table).from_select(list(names), rows, include_defaults=False)
    if callable(conflict):
        return Prepared(conflict(table, added, names))
    columns = [table.c[name] for name in conflict]
    return Prepared(added.on_conflict_do_nothing(index_elements=columns).returning(*columns))


class _JsonRows(TypeDecorator[Sequence[Row]]):
    """Rows as SQLite's `json_each` takes them, each a list, its values as their columns have them."""

    impl = String
    cache_ok = True

    def __init__(self, kinds: Mapping[str, TypeEngine[Any]]) -> None:
        super().__init__()
        self.kinds = kinds

    def process_bind_param(self, value: Sequence[Row] | None, dialect: Dialect) -> str:
        columns: list[Iterable[Any]] = []
        for name, kind in self.kinds.items():
            process, column = bind_processor(kind, dialect), map(itemgetter(name), value or ())
            columns.append(column if process is None else map(process, column))
        return orjson.dumps(list(zip(*columns, strict=True))).decode()


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


@lru_cache(maxsize=1000)
def _from_arrays(
    table: Table, shape: _Shape, conflict: str | tuple[str, ...] | Merging = "", key: tuple[str, ...] = ()
) -> Prepared[Any]:
    # Say that the arrays have one dimension; otherwise SQLAlchemy inspects every element to find out.
    kinds = [(name, ARRAY(table.c[name].type, dimensions=1)) for name in shape.differing]
    arrays = [sql_cast(bindparam(name, type_=kind), kind) for name, kind in kinds]
    unnested = func.unnest(*arrays).table_valued(*shape.differing, with_ordinality="position_").render_derived()
    once = [sql_cast(bindparam(name, type_=table.c[name].type), table.c[name].type) for name in shape.shared]
    columns = [unnested.c[name] for name in shape.differing]
    ordered: Select[Any] = sql_select(*columns, *once).order_by(unnested.c.position_)
    names = [*shape.differing, *shape.shared]
    statement: Any = postgresql.insert(table).from_select(names, ordered, include_defaults=False)
    keys = [table.c[name] for name in key]
    if callable(conflict):
        return Prepared(conflict(table, statement, names))
    if conflict == "nothing":
        statement = statement.on_conflict_do_nothing(index_elements=keys).returning(*keys)
    elif conflict:
        statement = statement.on_conflict_do_update(
            index_elements=keys, set_={name: statement.excluded[name] for name in conflict}
        )
    return Prepared(statement)
