"""Statements built once, at import, compiled once for each database, and run on the driver.

    _MEMBERS = Prepared(
        select(Member.id, Member.name).where(col(Member.community_id) == bindparam("community_id"), col(Member.status) == "active")
    )

    for member in await _MEMBERS.all(session, community_id=community_id):
        ...

SQLAlchemy builds, compiles and translates values as ever, but is not in the way of each request: a row by its key costs a tenth
(decision 0021). Rows are tuples whose columns have names; of an entity (`select(Member)`) a row has all columns, reads like it
and cannot be changed. What a use case changes it loads (`load`, or through the session), or changes by a statement.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar, TypeVarTuple, cast, overload

import orjson
from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Dialect,
    Executable,
    Insert,
    Select,
    String,
    Table,
    TypeDecorator,
    func,
)
from sqlalchemy import any_ as sql_any
from sqlalchemy import bindparam as bindparam
from sqlalchemy import cast as sql_cast
from sqlalchemy import select as sql_select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.exc import NoResultFound
from sqlalchemy.sql.cache_key import CacheKey
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.sql.type_api import TypeEngine
from sqlalchemy.util import LRUCache
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.compiled import Compiled, CompiledKind, bind_processor, compile_once

T = TypeVar("T")
Ts = TypeVarTuple("Ts")
DialectInsert = postgresql.Insert | sqlite.Insert

if TYPE_CHECKING:
    from chassis.database.holding import OnDriver

    class Record(tuple[*Ts]):
        """A row of several columns: a tuple, whose columns have names too."""

        __slots__ = ()

        def __getattr__(self, name: str) -> Any: ...


class Spelling:
    """What differs between the databases, for a statement that is made for each of them."""

    def __init__(self, dialect: str) -> None:
        self.is_postgres = dialect == "postgresql"

    def insert(self, table: Any) -> DialectInsert:
        """An `INSERT` that knows `on_conflict_do_update` and `on_conflict_do_nothing`."""
        return postgresql.insert(table) if self.is_postgres else sqlite.insert(table)

    def among(self, column: Any, name: str) -> ColumnElement[bool]:
        """Whether a column's value is one of those in the parameter `name`, a list of any length."""
        kind = column.type
        if self.is_postgres:
            kinds = ARRAY(kind, dimensions=1)
            return column == sql_any(sql_cast(bindparam(name, type_=kinds), kinds))  # type: ignore[no-any-return]
        listed = func.json_each(bindparam(name, type_=_JsonList(kind))).table_valued("value")
        return column.in_(sql_select(listed.c.value))  # type: ignore[no-any-return]


class _JsonList(TypeDecorator[list[Any]]):
    """A list as SQLite's `json_each` takes it, its values as their column has them."""

    impl = String
    cache_ok = True

    def __init__(self, kind: TypeEngine[Any]) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: Iterable[Any] | None, dialect: Dialect) -> str:
        processor = bind_processor(self.kind, dialect)
        return orjson.dumps([processor(one) if processor else one for one in value or ()]).decode()


class Prepared(Generic[T]):
    """A statement with named parameters (`bindparam`), to be run with any session.

    Given a function instead of a statement, it calls that with a `Spelling` for each kind of database. An `INSERT` without values
    takes the columns that it is called with.
    """

    @overload
    def __init__(self: "Prepared[T]", statement: Select[T]) -> None: ...
    @overload
    def __init__(self: "Prepared[Record[*Ts]]", statement: Select[*Ts]) -> None: ...
    @overload
    def __init__(self: "Prepared[Any]", statement: UpdateBase) -> None: ...
    @overload
    def __init__(self: "Prepared[T]", statement: Callable[[Spelling], Select[T]]) -> None: ...
    @overload
    def __init__(self: "Prepared[Record[*Ts]]", statement: Callable[[Spelling], Select[*Ts]]) -> None: ...
    @overload
    def __init__(
        self: "Prepared[Any]", statement: Callable[[Spelling], UpdateBase | CompoundSelect[*tuple[Any, ...]]]
    ) -> None: ...
    def __init__(self, statement: Any) -> None:
        self._statement = statement
        self._takes_columns = isinstance(statement, Insert) and not statement._values and statement.select is None  # noqa: SLF001
        self._compiled: dict[Any, Compiled] = {}

    async def all(self, session: AsyncSession, /, **parameters: Any) -> list[T]:
        """Every row."""
        own = cast("OnDriver", session)
        driver = await own.driver()
        compiled = self._for(own, parameters)
        values = compiled.values(parameters)
        try:
            rows = await driver.fetch(compiled.sql, values)
        except BaseException as error:  # noqa: BLE001 - raised as what SQLAlchemy would make of it
            own.holding.fail(error, compiled.sql)
        return list(map(compiled.row, rows))

    async def first(self, session: AsyncSession, /, **parameters: Any) -> T | None:
        """The first row, or None."""
        rows = await self.all(session, **parameters)
        return rows[0] if rows else None

    async def one(self, session: AsyncSession, /, **parameters: Any) -> T:
        """The first row. Raises `NoResultFound` when there is none."""
        rows = await self.all(session, **parameters)
        if not rows:
            raise NoResultFound("no row where there is to be one")
        return rows[0]

    async def load(self, session: AsyncSession, /, *, again: bool = False, **parameters: Any) -> list[T]:
        """Every row, with entities that a session which writes may change; `again` reads anew what the session has of them."""
        rows = await self.all(session, **parameters)
        own = cast("OnDriver", session)
        return own.kept(self._for(own, parameters).entities, rows, again=again)

    async def run(self, session: AsyncSession, /, **parameters: Any) -> int:
        """Run a statement whose rows nobody wants; how many it touched."""
        own = cast("OnDriver", session)
        driver = await own.driver()
        compiled = self._for(own, parameters)
        values = compiled.values(parameters)
        try:
            return await driver.execute_one(compiled.sql, values)
        except BaseException as error:  # noqa: BLE001
            own.holding.fail(error, compiled.sql)

    async def run_many(self, session: AsyncSession, rows: Sequence[Mapping[str, Any]], /) -> None:
        """Run a statement once for each of `rows`, which all name the same parameters."""
        if not rows:
            return
        own = cast("OnDriver", session)
        driver = await own.driver()
        compiled = self._for(own, rows[0])
        values = compiled.values_of_many(rows)
        try:
            await driver.execute_many(compiled.sql, values)
        except BaseException as error:  # noqa: BLE001
            own.holding.fail(error, compiled.sql)

    def _for(self, session: "OnDriver", parameters: Mapping[str, Any]) -> Compiled:
        dialect = session.holding.engine.dialect
        # What one call of an INSERT names, another may leave to the database.
        key = (dialect.name, *parameters) if self._takes_columns else dialect.name
        compiled = self._compiled.get(key)
        if compiled is None:
            statement = self._statement
            if not isinstance(statement, Executable):
                statement = statement(Spelling(dialect.name))
            columns = list(parameters) if self._takes_columns else None
            compiled = self._compiled[key] = compile_once(statement, dialect, columns)
        return compiled


async def rows_of(session: AsyncSession, statement: Select[*tuple[Any, ...]]) -> list[Any]:
    """The rows of a statement that is made for this one call, as `Prepared.all` gives them: for lists with filters and orders.

    SQLAlchemy builds it, and finds by its parts whether it has compiled one of the kind.
    """
    own = cast("OnDriver", session)
    driver = await own.driver()
    made = kind_of(session, statement)
    if made is None:
        return await Prepared(statement).all(session)
    kind, key = made
    sql, values = kind.spelt(key)
    try:
        rows = await driver.fetch(sql, values)
    except BaseException as error:  # noqa: BLE001 - see `Prepared.all`
        own.holding.fail(error, sql)
    return list(map(kind.row, rows))


def kind_of(session: AsyncSession, statement: Any) -> tuple[CompiledKind, CacheKey] | None:
    """The compiled kind of a statement, and what tells it from others of the kind. None for one that is like no other."""
    dialect = cast("OnDriver", session).holding.engine.dialect
    key = statement._generate_cache_key()  # noqa: SLF001
    if key is None:
        return None
    kind = _kinds.get((dialect.name, key.key))
    if kind is None:
        kind = _kinds[dialect.name, key.key] = CompiledKind(statement, key, dialect)
    return kind, key


_kinds: LRUCache[Any, CompiledKind] = LRUCache(1000)


def is_postgres(session: AsyncSession) -> bool:
    """Whether the session speaks to PostgreSQL."""
    return cast("OnDriver", session).holding.engine.dialect.name == "postgresql"


def upsert(session: AsyncSession, table: Table | Any) -> DialectInsert:
    """An `INSERT` that knows `on_conflict_do_update` and `on_conflict_do_nothing` on either database."""
    return postgresql.insert(table) if is_postgres(session) else sqlite.insert(table)


def insert_or_ignore(session: AsyncSession, table: Table | Any) -> DialectInsert:
    """An `INSERT` that skips rows whose key exists; with `returning`, the result holds the new ones only."""
    return upsert(session, table).on_conflict_do_nothing()
